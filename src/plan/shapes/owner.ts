/** Reads the legacy owner of the self-managed shape: the Kustomization that syncs Flux's own manifests, and its source. */
import { posix } from 'node:path';
import { reachOf } from '../../repo/kustomize-build.ts';
import type { Manifest } from '../../repo/manifests.ts';
import { isRecord, text } from '../../repo/manifests.ts';
import { refuse, warn } from '../hazard.ts';
import type { FluxKustomization, Scene } from '../scene.ts';
import type { DetectedShape } from './detect.ts';
import type { Hazard } from '../types.ts';

/** Fields of the owner that say when and how it is applied, not what. All others would be lost, so they are refused. */
const harmless = new Set([
  'interval',
  'retryInterval',
  'timeout',
  'wait',
  'force',
  'healthChecks',
  'healthCheckExprs',
  'dependsOn',
  'path',
  'prune',
  'deletionPolicy',
  'suspend',
  'sourceRef',
  'patches',
  'decryption',
]);

export interface Owner {
  kustomization: FluxKustomization;
  /** What holds Flux's manifests: a source of its own, or the cluster's Git source where they lie in this repository. */
  source: Manifest;
  /** The kustomization in this repository that pulls Flux's install; null where the source holds it. */
  install: Manifest | null;
}

/** The one pair of owner and source; null when there is none or more than one. */
export function findOwner(scene: Scene, detected: DetectedShape, hazards: Hazard[]): Owner | null {
  const owners: Owner[] = [];
  for (const source of detected.fluxSources) {
    const matching = scene.kustomizations.filter(
      (candidate) =>
        candidate.source.kind === source.kind &&
        candidate.source.name === source.name &&
        candidate.source.namespace === (source.namespace || scene.cluster.namespace),
    );
    // More than a few are refused in any case; a file pasted a thousand times over has millions of pairs.
    owners.push(...matching.slice(0, 5).map((kustomization) => ({ kustomization, source, install: null })));
    if (owners.length > 5) break;
  }
  if (owners.length === 0) owners.push(...ownersInRepository(scene, detected, hazards));
  if (hazards.length > 0) return null;
  const [owner] = owners;
  if (!owner) {
    hazards.push(
      refuse('owner-not-found', null, {
        what: `No Kustomization in ${scene.folder} syncs Flux's own manifests`,
        why: 'Without knowing who owns the controllers, nothing is safe to remove',
        mend: 'Check clusters[].path in handover.yaml',
      }),
    );
    return null;
  }
  if (owners.length > 1) {
    const names = owners
      .map(({ kustomization }) => `${kustomization.name} (${kustomization.manifest.file})`)
      .join(', ');
    hazards.push(
      refuse('several-owners', owners[1]?.kustomization.manifest.place() ?? null, {
        what: `More than one Kustomization syncs Flux's own manifests: ${names}`,
        why: 'Orphaning one leaves the other one pruning, and their common source goes',
        mend: 'Keep one, wait until it is Ready, and plan again',
      }),
    );
    return null;
  }
  return owner;
}

/** Kustomizations whose folder in this very repository pulls Flux's install. */
function ownersInRepository(scene: Scene, { found, fluxSources }: DetectedShape, hazards: Hazard[]): Owner[] {
  const { source } = scene;
  if (!source || fluxSources.length > 0) return [];
  return found.bootstraps.flatMap((install) =>
    scene.appliersOf(install.file).map((kustomization) => {
      const { files } = reachOf(scene.tree, kustomization.folder);
      const [other] = files;
      if (kustomization.folder !== posix.dirname(install.file) || other !== undefined)
        hazards.push(
          refuse('install-in-root', install.place('resources'), {
            what: `${install.file} pulls fluxcd/flux2 inside what the Kustomization ${kustomization.name} applies beside ${other ?? 'other folders'}`,
            why: `${kustomization.name} can neither be orphaned nor removed, so nothing keeps it from deleting Flux when the install leaves its build`,
            mend: 'Give the install a Kustomization of its own (path: the folder of that file alone), wait until it is Ready and owns the controllers, and plan again',
          }),
        );
      return { kustomization, source, install };
    }),
  );
}

/** What about the owner forbids going on. */
export function ownerHazards(scene: Scene, { kustomization: owner, source, install }: Owner): Hazard[] {
  const { manifest, spec, name } = owner;
  const hazards: Hazard[] = [];
  const unknown = Object.keys(spec).filter(
    (key) => !harmless.has(key) && !(key === 'targetNamespace' && spec[key] === scene.cluster.namespace),
  );
  if (unknown.length > 0)
    hazards.push(
      refuse('owner-fields-not-translatable', manifest.place('spec', unknown[0] ?? ''), {
        what: `Kustomization ${name} sets ${unknown.join(', ')}`,
        why: 'A FluxInstance has no such field: what it does to the controllers would silently be lost',
        mend: 'Express it as spec.patches (or remove it), wait until it is Ready, and plan again',
      }),
    );
  if (!install && !['', 'manifests/install'].includes(owner.folder))
    hazards.push(
      refuse('owner-path', manifest.place('spec', 'path'), {
        what: `Kustomization ${name} applies the path ${owner.folder} of Flux's manifests`,
        why: 'What lies there is not known to be the plain install',
        mend: 'Sync the root of the artifact (path: ./), or hand over by hand',
      }),
    );
  if (owner.namespace !== scene.cluster.namespace)
    hazards.push(
      refuse('namespace-differs', manifest.place('metadata'), {
        what: `Kustomization ${name} is in namespace ${owner.namespace}, handover.yaml says ${scene.cluster.namespace}`,
        why: 'The FluxInstance must be where the controllers are',
        mend: 'Correct clusters[].namespace in handover.yaml',
      }),
    );
  for (const [object, what] of [
    [manifest, 'Kustomization'],
    ...(install ? [] : [[source, source.kind] as const]),
  ] as const) {
    const marks = { ...record(object.value, 'annotations'), ...record(object.value, 'labels') };
    const mark = Object.entries(marks).find(
      ([key, value]) =>
        /^kustomize\.toolkit\.fluxcd\.io\/(reconcile|prune|ssa)$/.test(key) &&
        /^(disabled|ignore|ifnotpresent)$/i.test(text(value)),
    );
    if (mark)
      hazards.push(
        refuse('owner-not-reconciled', object.place('metadata'), {
          what: `${what} ${object.name} carries ${mark[0]}: ${text(mark[1])}`,
          why: 'Changes in Git would not reach it, or it would not be removed in the end',
          mend: 'Remove the mark, wait until the root Kustomization is Ready, and plan again',
        }),
      );
  }
  if (spec['suspend'] === true && spec['prune'] === false && spec['deletionPolicy'] === 'Orphan')
    hazards.push(
      refuse('half-done', manifest.place('spec', 'suspend'), {
        what: `Kustomization ${name} is already suspended and orphaned in Git`,
        why: 'Somebody began this by hand; what runs may no longer be what Git says',
        mend: 'Finish by hand, or set prune: true, remove deletionPolicy and suspend, wait until it is Ready, and plan again',
      }),
    );
  else if (spec['suspend'] === true)
    hazards.push(
      warn('owner-suspended', manifest.place('spec', 'suspend'), {
        what: `Kustomization ${name} is suspended in Git`,
        why: 'The version that runs may be older than the one that Git names',
        mend: 'Compare with the live version that preflight reads, or resume it first',
      }),
    );
  const templated = [manifest, install ?? source].some(({ value }) =>
    /\$\{[^}]+\}/.test(JSON.stringify(value)),
  );
  if (templated)
    hazards.push(
      refuse('owner-templated', manifest.place('spec'), {
        what: `Kustomization ${name} or its source contains a variable (\${…})`,
        why: 'What it stands for is only known on the cluster, and the FluxInstance may be substituted differently',
        mend: 'Write the value itself, wait until it is Ready, and plan again',
      }),
    );
  return hazards;
}

function record(value: unknown, key: 'labels' | 'annotations'): Record<string, unknown> {
  const metadata = isRecord(value) ? value['metadata'] : undefined;
  const found = isRecord(metadata) ? metadata[key] : undefined;
  return isRecord(found) ? found : {};
}
