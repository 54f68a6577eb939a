/** The live state of the legacy owner: whether it still could prune or reconcile the controllers. */
import { field, type LiveObject, nameOf } from '../cluster/objects.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { failure, refusal } from './failure.ts';
import { ownerOfPlan } from './planned.ts';
import type { Session } from './session.ts';

/**
 * What keeps the legacy owner from being harmless: `prune: false`, `deletionPolicy: Orphan`, `suspend: true`; empty when it is.
 * A HelmRelease has only the last: suspended, it does not uninstall when it is deleted (helm-controller, reconcileDelete).
 */
export function notOrphaned(owner: LiveObject): string {
  const wanted =
    owner.kind === 'HelmRelease'
      ? { suspend: true }
      : { suspend: true, prune: false, deletionPolicy: 'Orphan' };
  return Object.entries(wanted)
    .filter(([key, value]) => field(owner, 'spec', key) !== value)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}

/** The three live fields, before anything is done that would hurt without them. A legacy owner that is gone can not hurt. @throws Refused */
export async function assertOrphaned({ cluster }: Session, plan: ClusterPlan): Promise<void> {
  const reference = ownerOfPlan(plan);
  const owner = await cluster.find(reference);
  const missing = owner ? notOrphaned(owner) : '';
  if (!missing) return;
  throw failure('Refused', [
    refusal(
      'owner-not-orphaned',
      `${nameOf(reference)} is on the cluster without ${missing}`,
      'it could prune or overwrite the controllers while they change hands',
      'find out who changed it (kubectl get --show-managed-fields), let its parent reconcile, then retry',
    ),
  ]);
}
