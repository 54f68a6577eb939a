/** The live part of the way back, from what the run left on the cluster: neither Git nor a plan is needed for it. */
import type { LiveObject } from '../../cluster/objects.ts';
import type { PhaseName } from '../../plan/phases.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { failure, refusal } from '../failure.ts';
import { assertIdentity, markStand } from '../guard.ts';
import { disableLive } from '../live-annotation.ts';
import type { RunRecord } from '../run-record.ts';
import { instanceOf, keeperOf } from '../planned.ts';
import type { Session } from '../session.ts';
import { stepsOfShape } from '../shapes/index.ts';
import { aidMark } from '../watch/aid-mark.ts';
import { releaseAids } from '../watch/release.ts';
import { managedObjects } from './managed-objects.ts';
import { assertNotUpgraded } from './upgraded.ts';

export type Moved = Pick<RunRecord, 'target' | 'shape'>;

/** Disables the FluxInstance: Flux Operator changes nothing any more. Null where there is none. @throws WrongCluster | LockHeld | Refused */
export async function disableFirst(
  session: Session,
  { target }: Pick<Moved, 'target'>,
  phase: PhaseName,
): Promise<LiveObject | null> {
  await assertIdentity(session);
  await markStand(session, { phase, way: 'back', acting: true });
  const reference = instanceOf({ target });
  const instance = await session.cluster.find(reference);
  if (instance) assertNotUpgraded(instance, target);
  session.progress('disabling the FluxInstance on the cluster');
  return disableLive(session, reference);
}

/**
 * Somebody deleted the instance. Its Kustomization would make it anew, enabled, as Git still has it, and then wait for the health of
 * an object that is on its way out, for as long as its timeout allows. Suspended, it leaves without either; no first aid is lifted
 * that would resume it.
 */
async function suspendKeeper({ cluster }: Session, { target }: Moved): Promise<void> {
  const keeper = keeperOf({ target });
  const patch = { metadata: { annotations: { [aidMark]: null } }, spec: { suspend: true } };
  if (await cluster.find(keeper)) await cluster.merge(keeper, patch);
}

/**
 * Disables the FluxInstance and gives every object that it manages back. Doing it again is harmless.
 * @returns what it manages
 * @throws WrongCluster | LockHeld | NotReady
 */
export async function handOverLive(session: Session, moved: Moved): Promise<ObjectReference[]> {
  const instance = await disableFirst(session, moved, 'adopt');
  const reference = instanceOf(moved);
  const objects = await managedObjects(session, instance, reference);
  if (!instance || instance.metadata.deletionTimestamp) await suspendKeeper(session, moved);
  // Read and disabled, the operator may go on where it was stopped, and let go of an instance that is being deleted.
  await releaseAids(session, { operator: true });
  session.progress(`handing ${objects.length} objects back`);
  const left = await stepsOfShape(moved.shape).handOver({ session }, objects);
  if (left.length === 0) return objects;
  throw failure('NotReady', [
    refusal(
      'not-handed-back',
      `${left.length} of ${objects.length} objects could not be handed back: ${left.slice(0, 5).join('; ')}`,
      'the legacy install must get all of them or none',
      'do it again (retry, or the same command): what is done is not done again',
    ),
  ]);
}
