/** The decisions a handover needs (where the instance syncs from, what stays, what is pinned), each with its reason and places. */
import type { Manifest } from '../repo/manifests.ts';
import type { ChosenComponents } from './components.ts';
import { describeTarget } from './patch-body.ts';
import type { Translation } from './patches.ts';
import { bootstrapDecision, ownerDecision, rootsDecision, syncDecision } from './shape-decisions.ts';
import type { Scene } from './scene.ts';
import type {
  Decision,
  LegacyInstall,
  Place,
  PlannedSource,
  PlannedTarget,
  RootKustomization,
} from './types.ts';

export interface Situation {
  scene: Scene;
  legacy: LegacyInstall;
  source: PlannedSource;
  /** Outermost first. */
  roots: RootKustomization[];
  target: PlannedTarget;
  chosen: ChosenComponents;
  translation: Translation;
  appsFolder: string;
  listFile: string | null;
  bootstrap: Manifest | null;
}

/** Answers stand in the digest, so none of them depends on what other people add elsewhere in the repository. */
export function decide(situation: Situation): Decision[] {
  const { legacy, roots, target, chosen, translation, appsFolder, listFile, scene } = situation;
  const { install } = scene.config;
  const rootPlaces: Place[] = roots.map(({ file, line }) => ({ file, line }));
  const rootNames = roots.map(({ name }) => name).join(' and ') || 'the root Kustomizations';
  const ownerPlace: Place[] = legacy.owner ? [{ file: legacy.owner.file, line: legacy.owner.line }] : [];
  const sops = roots.filter(({ decryption }) => decryption?.provider === 'sops');
  const manifestForm = target.instanceHelmRelease === null;

  return [
    syncDecision(situation),
    rootsDecision(situation, rootNames),
    {
      id: 'sops',
      question: 'Is SOPS kept?',
      answer:
        sops.length > 0
          ? `Yes: ${sops.map(({ name, decryption }) => `${name} goes on decrypting${decryption?.secretRef ? ` with ${decryption.secretRef}` : ''}`).join(', ')}`
          : 'It is not in use at the roots',
      reason: 'The handover adds no secret, so nothing has to move',
      alternatives: ['Move the cluster variables to External Secrets, as a project of its own'],
      where: rootPlaces,
    },
    {
      id: 'external-secrets',
      question: 'Does the plan need External Secrets?',
      answer:
        install.externalSecrets.length > 0
          ? `Yes: ${install.externalSecrets.map(({ kind, name }) => `${kind} ${name}`).join(', ')} must be Ready before anything changes`
          : 'No: operator and instance need no secret',
      reason:
        install.externalSecrets.length > 0
          ? 'handover.yaml names them in install.externalSecrets'
          : 'A webhook token that Flux uses today stays where it is',
      alternatives:
        install.externalSecrets.length > 0
          ? []
          : ['List objects in install.externalSecrets that must be Ready first'],
      where: [],
    },
    ownerDecision(legacy, ownerPlace),
    {
      id: 'version',
      question: 'Which Flux version is adopted?',
      answer: `${target.distributionVersion || 'unknown'}, from ${install.distributionRegistry}`,
      reason:
        'Exactly what runs: nothing guards against a downgrade at the first install, and an upgrade is a step of its own. Without distribution.artifact the manifests embedded in the operator are used, so nothing floats',
      alternatives: ['A range such as 2.x, once the handover is done'],
      where: legacy.ownerSource ? [legacy.ownerSource.where] : [],
    },
    {
      id: 'components',
      question: 'Which controllers are listed?',
      answer: chosen.components.join(', '),
      reason: [
        'What runs must be listed, or it is not adopted; preflight compares with the cluster',
        ...chosen.evidence.map(({ component, why }) => `${component}: ${why}`),
      ].join('. '),
      alternatives: ['Set install.components to exactly the controllers that run'],
      where: chosen.evidence.flatMap(({ where }) => (where ? [where] : [])),
    },
    {
      id: 'network-policy',
      question: 'Does Flux keep its NetworkPolicies?',
      answer: `cluster.networkPolicy: ${String(legacy.networkPolicies)}`,
      reason: legacy.networkPolicies
        ? 'They are part of the install today'
        : `${legacy.shape === 'helm' ? 'The values of the chart turn them off' : 'Patches delete them'} today; the default of a FluxInstance would bring them back`,
      alternatives: [],
      where: legacy.patches.filter(({ patch }) => /NetworkPolicy/.test(patch)).map(({ where }) => where),
    },
    {
      id: 'patches',
      question:
        legacy.shape === 'helm'
          ? 'What becomes of the values of the chart?'
          : 'What becomes of the patches on the controllers?',
      answer:
        translation.carried.length > 0
          ? `Carried into spec.kustomize.patches: ${translation.carried.map(({ target: to }) => describeTarget(to)).join('; ')}`
          : 'There are none to carry',
      reason: 'The operator removes every argument, limit and label that its own build lacks',
      alternatives: [],
      where:
        legacy.shape === 'helm' && legacy.owner
          ? [{ file: legacy.owner.file, line: legacy.owner.line }]
          : translation.found.map(({ where }) => where),
    },
    {
      id: 'instance-form',
      question: 'Is the FluxInstance a manifest or a Helm release?',
      answer: manifestForm
        ? 'A plain manifest'
        : 'A HelmRelease of the flux-instance chart, with helm.sh/resource-policy: keep and no remediation',
      reason: manifestForm
        ? 'One layer less that could uninstall it, and its Ready speaks for itself'
        : 'install.instanceAs: chart',
      alternatives: [manifestForm ? 'install.instanceAs: chart' : 'install.instanceAs: manifest'],
      where: [],
    },
    bootstrapDecision(situation),
    {
      id: 'apps-folder',
      question: 'Where do the new apps go?',
      answer: `${appsFolder}/{flux-operator,flux-instance}, listed in ${listFile ?? 'no file, for Flux takes every file there'}, applied by ${target.parentKustomization || 'nobody yet'}`,
      reason:
        "Beside Flux's other apps, each with a Kustomization that never prunes and leaves its objects when it is deleted",
      alternatives: ['Another folder: install.appsFolder'],
      where: listFile ? [{ file: listFile, line: 1 }] : [],
    },
  ];
}

/** File that defines an object, or null. */
export function definitionOf(scene: Scene, kind: string, name: string): string | null {
  const escaped = name.replace(/[.]/g, '\\.');
  return (
    scene
      .find(new RegExp(`^\\s*name:\\s*["']?${escaped}["']?\\s*$`, 'm'))
      .find((manifest) => manifest.kind === kind && manifest.name === name)?.file ?? null
  );
}
