/** Plans the self-managed shape: a Flux Kustomization syncs Flux's own manifests and so owns the controllers. */
import { chooseComponents, shippedComponents } from '../components.ts';
import { note, refuse } from '../hazard.ts';
import { ownerPatchHazards } from '../parents.ts';
import { translatePatches } from '../patches.ts';
import { referenceHazards } from '../roots.ts';
import { chainOf, type FluxKustomization, type Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import { patchesOfKustomization, patchesOfOwner } from '../written-patches.ts';
import { planHandover } from './handover.ts';
import { installFieldHazards } from './install-kustomization.ts';
import { judgeVersion, versionOfInstall, versionOfSource } from './install-version.ts';
import { describeLegacy } from './legacy-install.ts';
import { findOwner, ownerHazards } from './owner.ts';
import type { ShapePlanner } from './planner.ts';
import { selfManagedSteps } from './self-managed-steps.ts';

export const planSelfManaged: ShapePlanner = (scene, detected, readStyle) => {
  const { cluster, config, tree } = scene;
  const hazards: Hazard[] = [];
  const owner = findOwner(scene, detected, hazards);
  if (!owner) return { hazards };
  const { kustomization, source, install } = owner;
  const { manifest } = kustomization;
  hazards.push(...ownerHazards(scene, owner));
  const pinned = install ? versionOfInstall(install) : versionOfSource(source);
  const version = judgeVersion(pinned, config.install.distributionVersion, hazards);
  const translation = translatePatches(
    [...(install ? patchesOfKustomization(tree, install) : []), ...patchesOfOwner(tree, manifest)],
    { namespace: cluster.namespace, version },
  );
  hazards.push(
    ...translation.hazards,
    ...(install
      ? installFieldHazards(tree, install, cluster.namespace, config.install.distributionRegistry)
      : []),
  );
  const artifact = !install && source.kind === 'OCIRepository';
  const chosen = chooseComponents(scene, translation, {
    components: shippedComponents(version, artifact ? 'artifact' : 'install'),
    why: `this is what ${artifact ? 'the artifact' : 'manifests/install'} of Flux ${version} holds`,
    where: pinned.where,
  });
  if (!detected.bootstrap)
    hazards.push(
      note('bootstrap-not-found', null, {
        what: `No kustomization in ${scene.folder} pulls fluxcd/flux2`,
        why: 'How a new cluster gets Flux is then described elsewhere, and would bring the old Flux back',
        mend: 'Change that place by hand to install Flux Operator',
      }),
    );
  const ownerChain = scene.source ? chainOf(scene, manifest.file) : [];
  if (scene.source) hazards.push(...chainHazards(scene, ownerChain, kustomization, install ? null : source));
  return planHandover(scene, readStyle, {
    legacy: describeLegacy(owner, detected, version, pinned.ref ?? '', chosen.components, translation),
    chosen,
    translation,
    bootstrap: detected.bootstrap,
    ownerChain,
    sync: null,
    plannable: ownerChain.length > 0,
    hazards,
    ...selfManagedSteps(owner, scene.folder),
  });
};

function chainHazards(
  scene: Scene,
  [root, above]: FluxKustomization[],
  owner: FluxKustomization,
  source: Parameters<typeof referenceHazards>[2],
): Hazard[] {
  if (!root)
    return [
      refuse('root-not-found', owner.manifest.place(), {
        what: `No Kustomization of ${scene.source?.name ?? 'the source'} applies ${owner.manifest.file}`,
        why: 'A commit there would never reach the cluster, and the legacy owner would go on pruning',
        mend: 'Let the root Kustomization apply it (list it in its kustomization.yaml), wait until it is Ready, and plan again',
      }),
    ];
  const hazards = ownerPatchHazards(scene, root, above, owner);
  if (root.spec['prune'] !== true)
    hazards.push(
      refuse('root-does-not-prune', root.manifest.place('spec', 'prune'), {
        what: `Kustomization ${root.name}, which applies the legacy owner, does not prune`,
        why: 'Removing the legacy owner from Git would leave it on the cluster',
        mend: 'Only roots with prune: true are supported yet',
      }),
    );
  return [...hazards, ...referenceHazards(scene, owner, source)];
}
