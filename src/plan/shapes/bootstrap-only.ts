/** Plans the shape in which a person applied a bootstrap folder once, and nothing in Git owns the controllers. */
import { posix } from 'node:path';
import { type Manifest } from '../../repo/manifests.ts';
import { chooseComponents, shippedComponents } from '../components.ts';
import { unsuffixedObjects } from '../flux-objects.ts';
import { note, refuse } from '../hazard.ts';
import { translatePatches } from '../patches.ts';
import type { Hazard } from '../types.ts';
import { patchesOfKustomization } from '../written-patches.ts';
import { bootstrapEdits } from './bootstrap-edits.ts';
import { planHandover } from './handover.ts';
import { installFieldHazards } from './install-kustomization.ts';
import { judgeVersion, versionOfInstall } from './install-version.ts';
import type { ShapePlanner } from './planner.ts';

export const planBootstrapOnly: ShapePlanner = (scene, { bootstrap, found }, readStyle) => {
  const { cluster, config, tree } = scene;
  const hazards: Hazard[] = [];
  const [first, second] = found.bootstraps;
  if (!bootstrap || !first || second)
    return {
      hazards: [
        refuse('several-bootstraps', second?.place('resources') ?? null, {
          what: `More than one kustomization installs Flux: ${found.bootstraps.map(({ file }) => file).join(', ')}`,
          why: 'It is not known which of them was applied to this cluster, so neither is its version nor are its patches',
          mend: 'Narrow clusters[].path in handover.yaml to the folder of this cluster, or remove the one that is not used',
        }),
      ],
    };
  const pinned = versionOfInstall(bootstrap);
  const version = judgeVersion(pinned, config.install.distributionVersion, hazards);
  const translation = translatePatches(patchesOfKustomization(tree, bootstrap), {
    namespace: cluster.namespace,
    version,
  });
  hazards.push(
    ...translation.hazards,
    ...installFieldHazards(tree, bootstrap, cluster.namespace, config.install.distributionRegistry),
    ...suffixHazards(bootstrap, translation.renamed, cluster.namespace),
    note('owner-unseen', bootstrap.place('resources'), {
      what: 'Nothing in Git owns the controllers; whether something on the cluster does, Git can not show',
      why: 'An owner whose file left Git while it was suspended or orphaned is still there, and would go on applying its own',
      mend: `preflight looks at the live owners and refuses (owner-unexpected); see for yourself: flux trace deployment source-controller -n ${cluster.namespace}`,
    }),
  );
  const chosen = chooseComponents(scene, translation, {
    components: shippedComponents(version, 'install'),
    why: `this is what manifests/install of Flux ${version} holds`,
    where: pinned.where,
  });
  return planHandover(scene, readStyle, {
    legacy: {
      shape: 'bootstrap-only',
      version,
      namespace: cluster.namespace,
      components: chosen.components,
      owner: null,
      ownerSource: null,
      bootstrapPath: posix.dirname(bootstrap.file),
      patches: translation.found,
      networkPolicies: translation.networkPolicies,
    },
    chosen,
    translation,
    bootstrap,
    ownerChain: [],
    sync: null,
    plannable: true,
    hazards,
    orphan: null,
    retire: {
      message: 'chore(flux): bootstrap Flux Operator instead of Flux',
      edits: bootstrapEdits,
      collects: [],
    },
  });
};

/** Objects that keep their upstream name stay behind beside the operator's own. */
function suffixHazards(bootstrap: Manifest, renamed: string[], namespace: string): Hazard[] {
  const left = unsuffixedObjects().filter(
    (object) => !renamed.includes(`${object.split('/')[1]}-${namespace}`),
  );
  if (left.length === 0) return [];
  return [
    note('names-without-suffix', bootstrap.place('resources'), {
      what: `${left.join(', ')} of the legacy install stay on the cluster and belong to nobody`,
      why: `The operator's own are called …-${namespace}; the old ones grant nothing beyond them`,
      mend: `When the handover is done: kubectl delete ${left.map((object) => object.toLowerCase()).join(' ')} -n ${namespace}`,
    }),
  ];
}
