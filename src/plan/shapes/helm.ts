/** Plans the shape helm: a HelmRelease of the community chart flux2 installs and upgrades Flux, helm-controller included. */
import { posix } from 'node:path';
import { note, refuse, warn } from '../hazard.ts';
import { chainOf, type FluxKustomization, type Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import { compareVersions, exactVersion } from '../version.ts';
import { planHandover } from './handover.ts';
import {
  describeOwnerSource,
  describeRelease,
  findReleases,
  outsideInstalls,
  releaseHazards,
  type FluxRelease,
} from './helm-release.ts';
import { bootstrapFolder, helmSteps, leavingWith } from './helm-steps.ts';
import { translateValues } from './helm-values.ts';
import type { ShapePlanner } from './planner.ts';

export const planHelm: ShapePlanner = (scene, { bootstrap, found }, readStyle) => {
  const { cluster, config } = scene;
  const [manifest, second] = found.releases;
  const hazards: Hazard[] = outsideHazards(scene, manifest !== undefined);
  if (!manifest) return { hazards };
  if (second)
    hazards.push(
      refuse('several-owners', second.place(), {
        what: `More than one HelmRelease installs the chart flux2: ${manifest.name} (${manifest.file}) and ${second.name} (${second.file})`,
        why: 'Suspending one leaves the other one upgrading, or uninstalling, the same controllers',
        mend: 'Keep one, wait until it is Ready, and plan again',
      }),
    );
  const release = describeRelease(scene, manifest);
  hazards.push(...releaseHazards(scene, release));
  const version = judgeVersion(release, config.install.distributionVersion, hazards);
  const values = translateValues(manifest, config.install.distributionRegistry);
  hazards.push(...values.hazards);
  const chain = scene.source ? chainOf(scene, manifest.file) : [];
  if (scene.source) hazards.push(...chainHazards(scene, release, chain));
  const leaving = leavingWith(scene, release, chain);
  const steps = helmSteps(
    { namespace: cluster.namespace, folder: scene.folder },
    release,
    leaving,
    values.components,
  );
  hazards.push(leftNote(release));
  return planHandover(scene, readStyle, {
    legacy: {
      shape: 'helm',
      version,
      namespace: cluster.namespace,
      components: values.components,
      owner: {
        kind: 'HelmRelease',
        name: release.name,
        namespace: release.namespace,
        file: manifest.file,
        line: manifest.place().line,
        // Its deletion uninstalls, CRDs included.
        prune: true,
      },
      ownerSource: describeOwnerSource(release),
      bootstrapPath: bootstrap ? posix.dirname(bootstrap.file) : bootstrapFolder(scene.tree, scene.folder),
      patches: [],
      networkPolicies: values.networkPolicies,
    },
    chosen: {
      components: values.components,
      evidence: values.components.map((component) => ({
        component,
        why: 'the chart runs it with these values',
        where: manifest.place('spec', 'values'),
      })),
    },
    translation: {
      found: [],
      carried: values.patches,
      networkPolicies: values.networkPolicies,
      deleted: [],
      renamed: [],
      hazards: [],
    },
    bootstrap,
    // The Kustomization that applies the release and nothing else goes with it, so it is no root that stays.
    ownerChain: chain.filter(({ manifest: applier }) => !leaving.includes(applier)),
    sync: null,
    plannable: chain.length > 0,
    hazards,
    ...steps,
  });
};

function chainHazards(
  scene: Scene,
  { manifest, name }: FluxRelease,
  [applier]: FluxKustomization[],
): Hazard[] {
  if (!applier)
    return [
      refuse('root-not-found', manifest.place(), {
        what: `No Kustomization of ${scene.source?.name ?? 'the source'} applies ${manifest.file}`,
        why: 'A commit there would never reach the cluster, and the release would go on upgrading the controllers',
        mend: 'Let the root Kustomization apply it (list it in its kustomization.yaml), wait until it is Ready, and plan again',
      }),
    ];
  if (applier.spec['prune'] === true) return [];
  return [
    refuse('root-does-not-prune', applier.manifest.place('spec', 'prune'), {
      what: `Kustomization ${applier.name}, which applies HelmRelease ${name}, does not prune`,
      why: 'Removing the release from Git would leave it on the cluster',
      mend: 'Only parents with prune: true are supported yet',
    }),
  ];
}

/** The chart's version is not Flux's, and no file says which Flux a chart holds. */
function judgeVersion(release: FluxRelease, configured: string | undefined, hazards: Hazard[]): string {
  const { manifest, chartVersion } = release;
  const where = manifest.place('spec', 'chart', 'spec', 'version');
  const version = exactVersion(configured ?? '');
  if (!version)
    hazards.push(
      refuse('version-floating', configured ? null : where, {
        what: configured
          ? `install.distributionVersion is ${configured}, which is no exact version`
          : `HelmRelease ${release.name} asks for chart flux2 ${chartVersion || 'without a version'}, which does not say which Flux runs`,
        why: 'Adoption must take over exactly what runs; anything else is an upgrade, or a downgrade, in the same step',
        mend: 'Set install.distributionVersion to what `flux version` shows for the distribution',
      }),
    );
  else
    hazards.push(
      warn('version-unproven', where, {
        what: `HelmRelease ${release.name} asks for chart flux2 ${chartVersion || 'without a version'}; handover.yaml says that Flux ${version} runs`,
        why: 'Git does not show it; preflight compares it with the cluster',
        mend: 'Nothing to do if `flux version` says the same',
      }),
    );
  // spec.deletionPolicy, which the new Kustomizations have, came with kustomize-controller 1.5, which is Flux 2.5.
  if (version && compareVersions(version, '2.5.0') < 0)
    hazards.push(
      refuse('version-too-old', where, {
        what: `Flux ${version} is older than 2.5`,
        why: 'A Kustomization has no deletionPolicy there, so that of the operator could not be kept from collecting it',
        mend: 'Upgrade Flux with the chart first',
      }),
    );
  return version ?? '';
}

function outsideHazards({ tree, folder, find }: Scene, inGit: boolean): Hazard[] {
  const outside = outsideInstalls(tree, folder).map(({ where, by }) => {
    if (!inGit)
      return refuse('helm-outside-git', where, {
        what: `${where.file} installs the chart flux2 with ${by}, and no HelmRelease in ${folder} manages it`,
        why: 'Git does not say what runs, and what installed the chart could upgrade or uninstall it at any time',
        mend: 'Bring the release under a HelmRelease first (same name, namespace, version and values: helm-controller takes it over), take it out of that tool, then plan again',
      });
    return warn('helm-outside-git', where, {
      what: `${where.file} installs the chart flux2 with ${by}`,
      why: 'Its next run would install the chart again beside Flux Operator, or uninstall it together with the CRDs',
      mend:
        by === 'Terraform (helm_release)'
          ? 'Take the release out of the state first (terraform state rm), and remove the resource'
          : 'Remove that step, or let it install Flux Operator, before the phase retire',
    });
  });
  const syncs = findReleases(find, /^flux2-sync$/).map((manifest) =>
    refuse('helm-sync-chart', manifest.place(), {
      what: `HelmRelease ${manifest.name} of the chart flux2-sync makes the source and the root Kustomization`,
      why: 'Uninstalling it, or losing its root, prunes everything that the root applied',
      mend: 'Write both objects into Git as manifests with the names they have, suspend that release and remove it while it is suspended, then plan again',
    }),
  );
  return [...outside, ...syncs];
}

function leftNote({ manifest, name, namespace }: FluxRelease): Hazard {
  return note('helm-objects-left', manifest.place(), {
    what: `HelmRelease ${name} made cluster roles and bindings under names that the operator does not use`,
    why: 'They are not adopted; the phase retire removes them, and leaves the records of the release hidden from helm',
    mend: `When you are sure that there is no way back: kubectl -n ${namespace} delete secret -l owner=flux-handover`,
  });
}
