/** Whether a Kustomization that is being deleted was taken out of Git, by what the one that applied it says. Pure. */
import { inventoryOf } from '../../cluster/inventory.ts';
import { conditionOf, field, keyOf, type LiveObject, textField } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import { kustomizationKey } from '../../cluster/record.ts';
import type { Sight } from './fault.ts';

/**
 * `perhaps` while the one that applied it carries out another revision: it collects what that one lacks before it writes down what it
 * lists now (kustomize-controller's `reconcile`). Whoever goes in this way takes along what it had applied.
 */
export function leavesThroughGit(
  key: string,
  { objects, baseline }: Pick<Sight, 'objects' | 'baseline'>,
  seen: ReadonlySet<string> = new Set(),
): 'yes' | 'perhaps' | 'no' {
  const applierKey = applierKeyOf(objects.get(key)) ?? keyOfOwner(baseline.objects[key]?.owner ?? null);
  if (applierKey === null || applierKey === key || seen.has(applierKey)) return 'no';
  const applier = objects.get(applierKey);
  if (!applier || applier.metadata.deletionTimestamp)
    return leavesThroughGit(applierKey, { objects, baseline }, new Set([...seen, key]));
  if (field(applier, 'status', 'inventory') === undefined) return 'no';
  if (!inventoryOf(applier).some((reference) => keyOf(reference) === key)) return 'yes';
  return isCollecting(applier) ? 'perhaps' : 'no';
}

function applierKeyOf(object: LiveObject | undefined): string | null {
  const { [marks.kustomizationName]: name, [marks.kustomizationNamespace]: namespace } =
    object?.metadata.labels ?? {};
  return keyOfOwner(name && namespace ? `${namespace}/${name}` : null);
}

/** @param owner `namespace/name` */
function keyOfOwner(owner: string | null): string | null {
  return owner ? kustomizationKey(owner) : null;
}

/** At work on another revision than its last one, and not at the health checks yet, which come after the collecting. */
function isCollecting(applier: LiveObject): boolean {
  const attempted = textField(applier, 'status', 'lastAttemptedRevision');
  return (
    attempted !== undefined &&
    attempted !== textField(applier, 'status', 'lastAppliedRevision') &&
    conditionOf(applier, 'Ready')?.status === 'Unknown' &&
    conditionOf(applier, 'Healthy')?.status !== 'Unknown'
  );
}
