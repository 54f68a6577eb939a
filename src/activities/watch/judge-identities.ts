/** Judges that what was there when the run began is there still, and the same: definitions, the namespace, Flux objects, controllers. Pure. */
import { healthOf, revisionOf } from '../../cluster/health.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { identityOf, type ObjectRecord } from '../../cluster/record.ts';
import { type Applier, isIndispensable, removedThroughGit } from '../../cluster/removal.ts';
import { courseAt } from './course.ts';
import { type Aid, type Fault, fault, gitSettles, moment, type Sight } from './fault.ts';
import { isApplier } from './judge-owner.ts';

const definition = 'CustomResourceDefinition.apiextensions.k8s.io';

export function judgeIdentities(sight: Sight): Fault[] {
  const { baseline, objects, plan, stand, passedOver } = sight;
  const { moving } = courseAt(stand, plan);
  const applierNow = (key: string): Applier | null => applierIn(objects, key);
  const faults: Fault[] = [];
  for (const [key, before] of Object.entries(baseline.objects)) {
    if (!isWatched(sight, before) || moving.has(key) || passedOver.has(key)) continue;
    const passable = isIndispensable(before, baseline.namespace) ? [] : [key];
    const subject = nameOf(before.reference);
    const live = objects.get(key);
    if (key.startsWith(`${definition}/`)) {
      if (!live || live.metadata.deletionTimestamp)
        faults.push(
          fault(
            'definition-deleted',
            subject,
            live ? 'is being deleted' : 'is gone',
            live ? 0 : moment,
            suspendAll(sight),
          ),
        );
    } else if (before.reference.kind === 'Namespace') {
      if (live?.metadata.deletionTimestamp)
        faults.push(fault('namespace-deleted', subject, 'is being deleted', 0, suspendAll(sight)));
    } else if (!live && !removedThroughGit(key, baseline.objects, baseline.namespace, applierNow)) {
      const isController = before.reference.kind === 'Deployment';
      const gone = fault('object-gone', subject, 'is gone', isController ? moment : gitSettles);
      faults.push({ ...gone, passable });
    }
    if (live && identityOf(live) !== before.uid) {
      const detail = `was made anew (UID ${before.uid} before, ${live.metadata.uid} now)`;
      faults.push({ ...fault('object-remade', subject, detail, moment), passable });
    }
  }
  return faults;
}

/** Flux's own definitions, the controllers' namespace, Flux objects that a person made, and the controllers. */
function isWatched({ baseline }: Sight, { reference }: ObjectRecord): boolean {
  const { apiVersion, kind, namespace, name } = reference;
  if (kind === 'CustomResourceDefinition') return true;
  if (kind === 'Namespace') return name === baseline.namespace;
  if (kind === 'Deployment')
    return baseline.controllers.some(
      (controller) => controller.namespace === namespace && controller.name === name,
    );
  // HelmCharts come and go with their HelmReleases.
  return apiVersion.includes('.toolkit.fluxcd.io/') && kind !== 'HelmChart';
}

function applierIn(objects: Sight['objects'], key: string): Applier | null {
  const object = objects.get(key);
  if (!object) return null;
  return {
    ready: healthOf(object).state === 'ready',
    revision: revisionOf(object),
    inventory: field(object, 'status', 'inventory') ? new Set(inventoryOf(object).map(keyOf)) : null,
  };
}

/** A suspended Kustomization or HelmRelease is deleted without taking anything along, whatever deletes it. */
function suspendAll({ objects }: Sight): Aid[] {
  return [...objects.values()]
    .filter((object: LiveObject) => isApplier(object))
    .map((object) => ({ do: 'suspend', object: referenceOf(object) }));
}
