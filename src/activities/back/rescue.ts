/** The urgent part of the way back, for when Git is away: live only, from what the run left on the cluster; no plan is made. */
import { viewFlux } from '../../cluster/collections.ts';
import { failure, refusal } from '../failure.ts';
import { guard } from '../guard.ts';
import { disableLive } from '../live-annotation.ts';
import type { RunRecord } from '../run-record.ts';
import { flux, type Session } from '../session.ts';
import { handToKustomization } from '../shapes/controllers.ts';
import { inventoryAtRest } from './hand-back.ts';

export interface Rescue {
  /** What was done, one sentence. */
  summary: string;
}

/**
 * Disables the FluxInstance, and hands its objects back where the cluster alone holds what is needed. Doing it again is harmless;
 * the way back of `adopt` later finds it done. Where what the objects were lies in Git, they stay as they are: disabled, nothing
 * touches them. Nor are they handed to a root that prunes and does not list them any more.
 * @param retired the legacy install has left Git already
 * @throws LockHeld | NotReady
 */
export async function rescue(
  session: Session,
  { target, shape }: RunRecord,
  retired: boolean,
): Promise<Rescue> {
  await guard(session);
  const reference = flux.instance(target.namespace, target.instanceName);
  session.progress('disabling the FluxInstance on the cluster');
  if (!(await disableLive(session, reference)))
    return { summary: 'there is no FluxInstance: nothing is urgent' };
  const disabled = 'the FluxInstance is disabled: Flux Operator changes nothing any more';
  const byKustomization = shape === 'self-managed' || (shape === 'flux-bootstrap' && !retired);
  if (!byKustomization) return { summary: disabled };
  const view = await viewFlux(session.cluster, session.namespace);
  try {
    const objects = await inventoryAtRest({ session, view }, reference);
    session.progress(`handing ${objects.length} objects back`);
    const left = await handToKustomization({ session }, objects);
    if (left.length === 0) return { summary: `${disabled}; ${objects.length} objects are handed back` };
    throw failure('NotReady', [
      refusal(
        'not-handed-back',
        `${left.length} of ${objects.length} objects could not be handed back: ${left.slice(0, 5).join('; ')}`,
        'the legacy install must get all of them or none',
        'do it again: what is done is not done again',
      ),
    ]);
  } finally {
    await view.close();
  }
}
