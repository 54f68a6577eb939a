/** What the watch sees at one moment: the objects of its view, and by the Lease where the run stands. */
import { isClusterError } from '../../cluster/errors.ts';
import { assertHolder, holderIdentityOf, leaseReference, type Stand, standOf } from '../../cluster/lease.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Baseline } from '../baseline.ts';
import type { StandInput } from '../contract.ts';
import type { Session } from '../session.ts';
import { limitsOf, type Sight, standOfRun } from './fault.ts';

/** Whether this run still drives the cluster. Another's steps must not be taken for harm. */
export function isOurs({ namespace, holder }: Session, view: LiveView): boolean {
  return holderIdentityOf(view.find(leaseReference(namespace))) === holder;
}

/** Asks once more before the cluster is left to itself: an API server that does not answer says nothing. @throws LeaseNotOurs */
export async function assertOurs({ cluster, namespace, holder }: Session): Promise<void> {
  try {
    assertHolder(await cluster.find(leaseReference(namespace)), holder);
  } catch (error) {
    if (!isClusterError(error, 'unreachable', 'forbidden')) throw error;
  }
}

/** @param last where the run stood at the last look */
export function look(
  { input, namespace, holder }: Session<StandInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
  last?: Stand,
): Sight {
  const written = standOf(view.find(leaseReference(namespace)), holder);
  const stand = written ?? last ?? standOfRun(input);
  return {
    stand,
    plan,
    baseline,
    objects: view.all,
    limits: limitsOf(input.config),
    passedOver: new Set(input.passedOver),
  };
}
