/** Plans the shape of `flux bootstrap`: the controllers stand in Git as gotk-components.yaml, and the root Kustomization applies them. */
import { posix } from 'node:path';
import { chooseComponents } from '../components.ts';
import { refuse } from '../hazard.ts';
import { manifestsOf } from '../../repo/manifests.ts';
import { listOf } from '../patched-object.ts';
import { isBelow } from '../../repo/snapshot.ts';
import { translatePatches } from '../patches.ts';
import { describeRoot } from '../roots.ts';
import { describeSource, sourceHazards } from '../source.ts';
import { chainOf, type FluxKustomization, type Scene } from '../scene.ts';
import { exactVersion } from '../version.ts';
import { patchesOfKustomization } from '../written-patches.ts';
import type { Hazard, LegacyInstall } from '../types.ts';
import type { DetectedShape } from './detect.ts';
import { fluxBootstrapSteps } from './flux-bootstrap-steps.ts';
import { planHandover } from './handover.ts';
import { installFieldHazards } from './install-kustomization.ts';
import { judgeVersion } from './install-version.ts';
import type { ShapePlanner } from './planner.ts';
import type { RenderedInstall } from './rendered-install.ts';
import { chooseSync } from './sync.ts';

export const planFluxBootstrap: ShapePlanner = (scene, detected, readStyle) => {
  const { cluster, config, tree } = scene;
  const hazards: Hazard[] = [];
  const install = findInstall(detected, hazards);
  if (!install) return { hazards };
  const chain = scene.source ? chainOf(scene, install.file) : [];
  const root = chain.at(-1);

  const where = { file: install.file, line: install.versionLine };
  const pinned = {
    version: exactVersion(install.version),
    follows: `${install.file} says ${install.version ? `version ${install.version}` : 'no version'}`,
    where,
  };
  const version = judgeVersion(pinned, config.install.distributionVersion, hazards);
  const list = listOf(tree, install.file);
  const objects = [root?.manifest, scene.source].flatMap((object) => object ?? []);
  const translation = translatePatches(list ? patchesOfKustomization(tree, list) : [], {
    namespace: cluster.namespace,
    version,
    policies: install.networkPolicies,
    others: objects,
  });
  hazards.push(
    ...translation.hazards,
    ...(list ? installFieldHazards(tree, list, cluster.namespace, config.install.distributionRegistry) : []),
    ...registryHazards(install, config.install.distributionRegistry),
  );
  const chosen = chooseComponents(scene, translation, {
    components: install.components,
    why: `these are the Deployments in ${install.file}`,
    where,
  });
  hazards.push(...leftOut(install, translation.deleted, chosen.components));
  const choice =
    scene.source && root && config.install.sync === 'auto' && onlyRoot(scene, root, install)
      ? chooseSync(scene.source, root, cluster.namespace)
      : { sync: null, why: '' };
  if (choice.sync) translation.carried.push(...choice.patches);
  const meant =
    root ??
    scene.kustomizations.find((one) => posix.dirname(one.manifest.file) === posix.dirname(install.file));
  const legacy: LegacyInstall = {
    shape: 'flux-bootstrap',
    version,
    namespace: cluster.namespace,
    components: chosen.components,
    owner: meant
      ? {
          kind: 'Kustomization',
          name: meant.name,
          namespace: meant.namespace,
          file: meant.manifest.file,
          line: meant.manifest.place().line,
          prune: meant.spec['prune'] === true,
        }
      : null,
    ownerSource: null,
    bootstrapPath: posix.dirname(install.file),
    patches: translation.found,
    networkPolicies: translation.networkPolicies,
  };
  if (scene.source && !root) {
    const source = describeSource(scene.source, cluster.namespace);
    // A path that is not there is said at its own line.
    const lost = meant && !tree.paths().some((path) => isBelow(path, meant.folder));
    hazards.push(...sourceHazards(scene, source), ...(lost ? [] : [notApplied(scene, install)]));
    return { legacy, source, roots: meant ? [describeRoot(meant)] : [], hazards };
  }
  return planHandover(scene, readStyle, {
    legacy,
    chosen,
    translation,
    bootstrap: null,
    ownerChain: chain,
    sync: choice.sync,
    plannable: root !== undefined,
    hazards,
    ...fluxBootstrapSteps({ install, list, objects, sync: choice.sync, folder: scene.folder }),
  });
};

/** The one file with the controllers; null (with a refusal) where there is none, or more than one. */
function findInstall({ found }: DetectedShape, hazards: Hazard[]): RenderedInstall | null {
  const [install, second] = found.rendered;
  const gotk = found.gotkFiles[0];
  const where = gotk ? { file: gotk.file, line: 1 } : null;
  if (install && !second) return install;
  if (install && second)
    hazards.push(
      refuse(
        'several-bootstraps',
        { file: second.file, line: 1 },
        {
          what: `Flux's controllers stand in more than one file: ${found.rendered.map(({ file }) => file).join(', ')}`,
          why: 'It is not known which of them run on this cluster',
          mend: 'Narrow clusters[].path in handover.yaml to the folder of this cluster, or remove the file that is not used',
        },
      ),
    );
  else if (found.gotkFiles.every(({ placeholder }) => placeholder))
    hazards.push(
      refuse('gotk-placeholder', where, {
        what: `${found.gotkFiles.map(({ file }) => file).join(' and ')} hold nothing but comments`,
        why: 'They wait for flux bootstrap to fill them, so this is not what a cluster runs',
        mend: 'Check clusters[].branch and clusters[].path in handover.yaml: flux bootstrap writes to the branch that the cluster follows',
      }),
    );
  else
    hazards.push(
      refuse('controllers-not-in-git', where, {
        what: `${gotk?.file ?? 'gotk-sync.yaml'} is there, but no file with Flux's controllers`,
        why: 'Who installed them, at which version and with which patches, is not known from Git',
        mend: 'Find out who applies them (kubectl -n flux-system get deploy -o yaml --show-managed-fields) and bring them into Git with flux bootstrap at the version that runs, then plan again',
      }),
    );
  return null;
}

function notApplied(scene: Scene, install: RenderedInstall): Hazard {
  return refuse(
    'root-not-found',
    { file: install.file, line: 1 },
    {
      what: `No Kustomization of ${scene.source?.name ?? 'the source'} applies ${install.file}`,
      why: 'It is not known whether these controllers are the ones that run, nor who would bring the planned commits to the cluster',
      mend: 'Check clusters[].path and clusters[].branch in handover.yaml; the root Kustomization must apply the folder of this file',
    },
  );
}

/** A generated root can replace one root alone, and only one that applies itself. */
function onlyRoot(scene: Scene, root: FluxKustomization, install: RenderedInstall): boolean {
  const self = (candidate: FluxKustomization): boolean =>
    scene.appliersOf(candidate.manifest.file).every((above) => above === candidate);
  const objects = [scene.source, root.manifest].flatMap((object) => object ?? []);
  const alone = objects.every(({ file }) =>
    manifestsOf(scene.tree, file).every(({ index }) =>
      objects.some((object) => object.file === file && object.index === index),
    ),
  );
  return (
    alone &&
    scene.onSource.filter(self).every((candidate) => candidate === root) &&
    scene.appliersOf(install.file).every((applier) => applier === root) &&
    scene.source !== null &&
    scene.appliersOf(scene.source.file).every((applier) => applier === root)
  );
}

function registryHazards(install: RenderedInstall, registry: string): Hazard[] {
  if (!install.registry || install.registry === registry) return [];
  return [
    refuse(
      'images-differ',
      { file: install.file, line: 1 },
      {
        what: `The controllers of ${install.file} come from ${install.registry}, the FluxInstance would take them from ${registry}`,
        why: 'The operator sets the image of every controller itself, and that registry may not be reachable from the cluster',
        mend: `Set install.distributionRegistry to ${install.registry}`,
      },
    ),
  ];
}

/** What handover.yaml leaves out of what Git holds is not adopted: it is deleted when its file leaves. */
function leftOut(install: RenderedInstall, deleted: string[], components: string[]): Hazard[] {
  return install.components
    .filter((component) => !deleted.includes(component) && !components.includes(component))
    .map((component) =>
      refuse(
        'component-not-built',
        { file: install.file, line: 1 },
        {
          what: `${component} stands in ${install.file}, and handover.yaml does not list it`,
          why: 'It would not be adopted: when the file leaves Git it is deleted, its CRDs and every object of their kinds included',
          mend: `Add ${component} to components in handover.yaml; drop it later, in a step of its own`,
        },
      ),
    );
}
