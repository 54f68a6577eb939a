/** Judges a FluxInstance that somebody put into Git by hand, beside the install that it would take over. */
import { text } from '../repo/manifests.ts';
import { findGitInstances, type GitInstance } from './git-instance.ts';
import { refuse, warn } from './hazard.ts';
import { effectsOn } from './parent-effects.ts';
import type { FluxKustomization, Scene } from './scene.ts';
import type { Hazard } from './types.ts';

/** What Git installs today; null where it installs no Flux any more. */
export interface InstalledParts {
  components: readonly string[];
  networkPolicies: boolean;
}

/**
 * Refusals and warnings, each at the line of the instance that is at fault.
 * @param readInstalled is asked only where there is a FluxInstance
 */
export function gitInstanceHazards(scene: Scene, readInstalled: () => InstalledParts | null): Hazard[] {
  const instances = findGitInstances(scene);
  const installed = instances.length > 0 ? readInstalled() : null;
  return instances.flatMap((instance) => [
    ...(instance.sync ? syncHazards(scene, instance, instance.sync) : []),
    ...(installed ? partHazards(instance, installed) : []),
    ...ownerHazards(scene, instance, installed !== null),
  ]);
}

function syncHazards(scene: Scene, instance: GitInstance, sync: NonNullable<GitInstance['sync']>): Hazard[] {
  const named = scene.kustomizations.find(
    ({ name, namespace }) => name === sync.name && namespace === instance.namespace,
  );
  if (named && named.folder !== sync.folder)
    return [
      refuse('sync-path-differs', instance.place('sync', 'path'), {
        what: `The FluxInstance syncs ${sync.folder}, but the Kustomization ${named.name} that it would take over applies ${named.folder}`,
        why: 'Everything that the other folder lacks would be pruned',
        mend: `Set sync.path to ${named.folder}`,
      }),
    ];
  if (named) return lostFields(scene, instance, named);
  const root = scene.kustomizations.find(
    (candidate) => candidate.folder === sync.folder && readsThisRepository(scene, candidate),
  );
  if (!root) return [];
  return [
    refuse('sync-beside-root', instance.place('sync'), {
      what: `The FluxInstance would generate a Kustomization ${sync.name} for ${sync.folder}, which ${root.name} (${root.manifest.file}) applies already`,
      why: 'Two roots would fight over the same objects; the generated one does not decrypt, and its removal deletes what it took over',
      mend: `Where it is not on the cluster yet: remove sync from the FluxInstance. Where it is: first set prune: false on the live Kustomization ${sync.name} by a patch in spec.kustomize.patches, reconcile ${root.name} so that it owns its objects again, then remove sync`,
    }),
  ];
}

function readsThisRepository(scene: Scene, candidate: FluxKustomization): boolean {
  return candidate.source.kind === 'GitRepository' && candidate.source.name === scene.source?.name;
}

/** Decryption and substitution that the root has, by itself or patched into it, and that no patch of the instance carries. */
function lostFields(scene: Scene, instance: GitInstance, root: FluxKustomization): Hazard[] {
  const effects = effectsOn(scene.tree, root, root.name, root.manifest.file);
  const rootHas = (name: string): boolean =>
    root.spec[name] !== undefined || effects.some(({ path }) => path === name || path.startsWith(`${name}/`));
  const lost = (name: string): boolean => rootHas(name) && !instance.patches(name);
  const mend = (name: string): string =>
    `Add a patch with target kind Kustomization, name ${root.name} to spec.kustomize.patches that adds /spec/${name} as it is on ${root.name} today`;
  return [
    ...(lost('decryption')
      ? [
          refuse('sync-loses-decryption', instance.place('sync'), {
            what: `The root ${root.name} decrypts (${root.manifest.file}), the one that the FluxInstance generates would not`,
            why: 'Ciphertext would be written into live Secrets, with everything Ready',
            mend: mend('decryption'),
          }),
        ]
      : []),
    ...(lost('postBuild')
      ? [
          refuse('sync-loses-substitution', instance.place('sync'), {
            what: `The root ${root.name} substitutes variables (${root.manifest.file}), the one that the FluxInstance generates would not`,
            why: 'Variables would reach the cluster as they are written, with everything Ready',
            mend: mend('postBuild'),
          }),
        ]
      : []),
  ];
}

function partHazards(instance: GitInstance, installed: InstalledParts): Hazard[] {
  const missing = installed.components.filter((component) => !instance.components.includes(component));
  return [
    ...missing.map((component) =>
      refuse('component-not-built', instance.place('components'), {
        what: `${component} is installed today, and the FluxInstance does not list it`,
        why: 'It would not be adopted: with the legacy install it is deleted, its CRDs and every object of their kinds included',
        mend: `Add ${component} to components; drop it later, in a step of its own, once none of its objects is in use`,
      }),
    ),
    ...(installed.networkPolicies && !instance.networkPolicy
      ? [
          refuse('network-policy-not-built', instance.place('cluster', 'networkPolicy'), {
            what: "Flux's NetworkPolicies are installed today, and the FluxInstance says networkPolicy: false",
            why: 'They would not be adopted: with the legacy install they are deleted',
            mend: 'Set cluster.networkPolicy to true; drop them later, in a step of its own',
          }),
        ]
      : []),
  ];
}

/** @param underWay whether the legacy install is still in Git, so that a step back is likely */
function ownerHazards(scene: Scene, instance: GitInstance, underWay: boolean): Hazard[] {
  if (instance.disabled) return [];
  return scene
    .appliersOf(instance.manifest.file)
    .filter(
      ({ spec }) =>
        spec['prune'] === true || ['Delete', 'WaitForTermination'].includes(text(spec, 'deletionPolicy')),
    )
    .map((applier) =>
      (underWay ? refuse : warn)('instance-prunable', applier.manifest.place('spec', 'prune'), {
        what: `Kustomization ${applier.name} prunes, and applies the FluxInstance in ${instance.manifest.file}`,
        why: 'When its file leaves Git (a git revert is enough), the FluxInstance is deleted and uninstalls Flux',
        mend: `Set prune: false and deletionPolicy: Orphan on ${applier.name}`,
      }),
    );
}
