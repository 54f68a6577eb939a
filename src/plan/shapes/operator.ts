/** What is said where Flux Operator is there already: nothing to do, or a move that somebody began and how it goes on. */
import { text } from '../../repo/manifests.ts';
import { findGitInstances, type GitInstance } from '../git-instance.ts';
import { note, refuse } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard, LegacyInstall } from '../types.ts';
import { exactVersion } from '../version.ts';
import type { DetectedShape } from './detect.ts';
import { listOfLegacy } from './looked-for.ts';
import type { ShapePlanner } from './planner.ts';

export const planOperator: ShapePlanner = (scene, detected) => {
  const instances = findGitInstances(scene);
  const [instance, second] = instances;
  const legacy = listOfLegacy(scene, detected);
  const hazards: Hazard[] = [];
  if (second)
    hazards.push(
      refuse('instance-exists', second.manifest.place(), {
        what: `There is more than one FluxInstance: ${instances.map(({ manifest }) => manifest.file).join(', ')}`,
        why: 'A cluster has one, called flux; it is not known which of them this one runs',
        mend: 'Narrow clusters[].path in handover.yaml to the folder of this cluster',
      }),
    );
  else if (legacy.length === 0) hazards.push(withoutLegacy(scene, detected, instance));
  else hazards.push(...besideLegacy(detected, instance, legacy));
  return { legacy: described(scene, instance), hazards };
};

function described({ cluster }: Scene, instance: GitInstance | undefined): LegacyInstall {
  const version = instance ? text(instance.spec, 'distribution', 'version') : '';
  return {
    shape: 'operator',
    version: exactVersion(version) ?? '',
    namespace: instance?.namespace ?? cluster.namespace,
    components: instance?.components ?? [],
    owner: null,
    ownerSource: null,
    bootstrapPath: null,
    patches: [],
    networkPolicies: instance?.networkPolicy ?? true,
  };
}

function withoutLegacy(
  { folder }: Scene,
  { where, evidence }: DetectedShape,
  instance: GitInstance | undefined,
): Hazard {
  if (!instance)
    return refuse('half-done', where, {
      what: `${evidence} installs Flux Operator, but ${folder} has no FluxInstance and nothing that installs Flux otherwise`,
      why: 'What runs the controllers is not known from Git',
      mend: 'Check clusters[].path; if the FluxInstance was applied by hand, bring it into Git and there is nothing left to hand over',
    });
  if (instance.disabled)
    return refuse('half-done', instance.manifest.place(), {
      what: 'The legacy install has left Git, and the FluxInstance is there with reconciliation disabled',
      why: 'Nobody runs the controllers: no upgrade, no repair, and a deleted object stays deleted',
      mend: 'If every object of the instance is owned by flux-operator (kubectl get deploy -n flux-system --show-managed-fields), remove the annotation fluxcd.controlplane.io/reconcile: disabled; else restore the legacy install first',
    });
  return note('nothing-to-do', instance.manifest.place(), {
    what: 'Flux Operator runs Flux here, and nothing of another install is left in Git',
    why: 'This is where a handover ends',
    mend: 'Leave this cluster out of handover.yaml',
  });
}

/** Where the move stands, told by what is there: operator, instance disabled, instance enabled. */
function besideLegacy(
  { legacyShape, where, evidence }: DetectedShape,
  instance: GitInstance | undefined,
  legacy: string[],
): Hazard[] {
  const beside = `beside it stands ${legacy.join(', ')}`;
  if (!instance)
    return [
      refuse('half-done', where, {
        what: `A move has come as far as the phase operator: ${evidence} is there, no FluxInstance yet; ${beside}`,
        why: 'The plan would add the same objects under names that are taken',
        mend: 'Nothing has been taken over yet. Where nothing else uses the operator (kubectl get resourcesets -A), take it out of Git, wait until it is gone, and plan again; where ResourceSets do, go on by hand from the phase stage of the safety model',
      }),
    ];
  const phase = instance.disabled ? 'stage' : 'adopt';
  return [
    refuse('instance-exists', instance.manifest.place(), {
      what: `There is a FluxInstance in ${instance.manifest.file} already`,
      why: 'A second one would fight over the controllers',
      mend: 'Finish the move that it belongs to, or take it back, as half-done says',
    }),
    refuse('half-done', instance.manifest.place(), {
      what: `A move has come as far as the phase ${phase}: the FluxInstance is ${instance.disabled ? 'disabled' : 'enabled'}; ${beside}`,
      why: instance.disabled
        ? 'The controllers still belong to the legacy install; what the instance would change has not been compared by this tool'
        : 'Two owners apply the same controllers; removed in the wrong order, the legacy one takes Flux and its CRDs with it',
      mend: instance.disabled
        ? 'To begin anew: first set the annotation fluxcd.controlplane.io/reconcile: disabled on the live object, too, then delete the FluxInstance while the operator runs, then the operator, and plan again. To finish by hand: go on with the phases adopt, soak and retire of the safety model'
        : finishByHand(legacyShape),
    }),
  ];
}

function finishByHand(shape: DetectedShape['legacyShape']): string {
  const check =
    'Check first that every object in the status of the FluxInstance is owned by flux-operator and that the FluxInstance is Ready with ReconciliationSucceeded. Then ';
  const last: Partial<Record<DetectedShape['legacyShape'], string>> = {
    'self-managed':
      'set prune: false, deletionPolicy: Orphan and suspend: true on the legacy Kustomization, wait until they are live, and only in a later commit remove it and its source',
    'flux-bootstrap':
      'remove gotk-components.yaml in a commit of its own (and gotk-sync.yaml only if the FluxInstance has a sync that takes over the same source and root)',
    helm: 'suspend the HelmRelease flux2, wait until that is live, delete it, and only in a later commit remove its file',
    'bootstrap-only':
      'replace the bootstrap folder by one that installs Flux Operator: nothing on the cluster depends on it',
  };
  return `${check}${last[shape] ?? 'remove the legacy install in a commit of its own, after its owner was kept from pruning'}`;
}
