/** Plans the self-managed shape: a Flux Kustomization syncs Flux's own manifests and so owns the controllers. */
import { EditRefused } from '../../repo/edit.ts';
import { chooseComponents } from '../components.ts';
import { decide } from '../decisions.ts';
import { note, refuse } from '../hazard.ts';
import { placeApps } from '../placement.ts';
import { newAppHazards, ownerPatchHazards } from '../parents.ts';
import { translatePatches } from '../patches.ts';
import { describeRoot, referenceHazards, rootHazards } from '../roots.ts';
import { describeSource, sourceHazards } from '../source.ts';
import { chainOf, type FluxKustomization, type Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import { plannedTarget } from '../target.ts';
import { describeLegacy } from './legacy-install.ts';
import { findOwner, ownerHazards } from './owner.ts';
import { readVersion } from './owner-version.ts';
import type { PlannedParts, ShapePlanner } from './planner.ts';
import { selfManagedChanges } from './self-managed-changes.ts';

export const planSelfManaged: ShapePlanner = (scene, detected, readStyle) => {
  const { cluster, config, tree } = scene;
  const hazards: Hazard[] = [];
  const owner = findOwner(scene, detected, hazards);
  if (!owner) return { hazards };
  const { kustomization, source: ownerSource } = owner;
  const { manifest } = kustomization;
  hazards.push(...ownerHazards(scene, owner));
  const { version, ref } = readVersion(ownerSource, config.install.distributionVersion, hazards);
  const translation = translatePatches(manifest, tree.read(manifest.file) ?? '', cluster.namespace, version);
  hazards.push(...translation.hazards);
  const chosen = chooseComponents(scene, translation);

  const legacy = describeLegacy(owner, detected, version, ref, chosen.components, translation);
  if (!detected.bootstrap)
    hazards.push(
      note('bootstrap-not-found', null, {
        what: `No kustomization in ${scene.folder} pulls fluxcd/flux2`,
        why: 'How a new cluster gets Flux is then described elsewhere, and would bring the old Flux back',
        mend: 'Change that place by hand to install Flux Operator',
      }),
    );

  if (!scene.source) {
    hazards.push(
      refuse('source-not-found', null, {
        what: `No GitRepository in ${scene.folder} feeds the Kustomizations of this cluster`,
        why: 'It is not known what the cluster follows',
        mend: 'Check clusters[].path in handover.yaml; sources made outside Git are not supported yet',
      }),
    );
    return { hazards };
  }
  const source = describeSource(scene.source, cluster.namespace);
  hazards.push(...sourceHazards(scene, source));

  const ownerChain = chainOf(scene, manifest.file);
  if (!ownerChain[0])
    hazards.push(
      refuse('root-not-found', manifest.place(), {
        what: `No Kustomization of ${source.name} applies ${manifest.file}`,
        why: 'A commit there would never reach the cluster, and the legacy owner would go on pruning',
        mend: 'Let the root Kustomization apply it (list it in its kustomization.yaml), wait until it is Ready, and plan again',
      }),
    );
  else
    hazards.push(
      ...ownerRootHazards(scene, ownerChain[0], ownerChain[1], kustomization),
      ...referenceHazards(scene, kustomization, ownerSource),
    );

  const { appsFolder, listFile, appsChain, hazards: misplaced } = placeApps(scene, source.name);
  hazards.push(...misplaced);
  const chain = [...new Set([...ownerChain.toReversed(), ...appsChain.toReversed()])];
  hazards.push(...rootHazards(scene, chain));

  const target = plannedTarget(scene, version, chosen.components, appsChain[0]?.name ?? '');
  const roots = chain.map(describeRoot);
  const decisions = decide({
    scene,
    legacy,
    source,
    roots,
    target,
    chosen,
    translation,
    appsFolder,
    listFile,
    bootstrap: detected.bootstrap,
  });
  let changes: PlannedParts['changes'] = [];
  if (
    listFile &&
    appsChain[0] &&
    ownerChain[0] &&
    version &&
    !hazards.some(({ id }) => id === 'name-taken')
  ) {
    hazards.push(
      ...newAppHazards(
        scene,
        appsChain[0],
        appsChain[1],
        [target.operatorKustomization, target.instanceKustomization],
        listFile,
      ),
    );
    try {
      changes = selfManagedChanges(
        {
          scene,
          owner,
          legacy,
          source,
          root: ownerChain.at(-1) ?? ownerChain[0],
          target,
          chosen,
          translation,
          appsFolder,
          listFile,
          style: readStyle(listFile),
          bootstrap: detected.bootstrap,
        },
        hazards,
      );
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      hazards.push(
        refuse('edit-refused', manifest.place(), {
          what: `A planned file can not be edited with certainty: ${error.message}`,
          why: 'A wrong edit here can delete Flux',
          mend: 'Write the file in plain block style, without anchors, and plan again',
        }),
      );
    }
  }
  return { legacy, source, roots, target, decisions, changes, hazards };
};

function ownerRootHazards(
  scene: Scene,
  root: FluxKustomization,
  above: FluxKustomization | undefined,
  owner: FluxKustomization,
): Hazard[] {
  const hazards = ownerPatchHazards(scene, root, above, owner);
  if (root.spec['prune'] !== true)
    hazards.push(
      refuse('root-does-not-prune', root.manifest.place('spec', 'prune'), {
        what: `Kustomization ${root.name}, which applies the legacy owner, does not prune`,
        why: 'Removing the legacy owner from Git would leave it on the cluster',
        mend: 'Only roots with prune: true are supported yet',
      }),
    );
  return hazards;
}
