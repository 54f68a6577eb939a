/** Way back of `adopt`: the instance is disabled live, every object goes back to where it came from, the legacy install resumes. */
import { inventoryOf } from '../../cluster/inventory.ts';
import { conditionOf, nameOf } from '../../cluster/objects.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { type Carrying, carryingBack } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { disableLive } from '../live-annotation.ts';
import { flux, type Session } from '../session.ts';
import { stepsOf } from '../shapes/index.ts';
import { undoInGit, undone } from './undo.ts';

export function handBack(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carryingBack(session, async (opened) => {
    const { target } = opened.plan;
    const steps = stepsOf(opened.plan);
    const reference = flux.instance(target.namespace, target.instanceName);
    // Live first: Git may be down, and Flux is what is being rescued.
    session.progress('disabling the FluxInstance on the cluster');
    const instance = await disableLive(session, reference);
    const objects = instance ? await inventoryAtRest(opened, reference) : [];
    session.progress(`handing ${objects.length} objects back`);
    const left = await steps.handOver(opened, objects);
    if (left.length > 0)
      throw failure('NotReady', [
        refusal(
          'not-handed-back',
          `${left.length} of ${objects.length} objects could not be handed back: ${left.slice(0, 5).join('; ')}`,
          'the legacy install must get all of them or none',
          'retry: what is done is not done again',
        ),
      ]);

    const undo = await undoInGit(opened, 'adopt', steps.resumed(opened.plan));
    if (!undo.untouched) await steps.ownedAgain(undo, objects);
    return undone(
      undo,
      `${objects.length} objects belong to the legacy install again; the FluxInstance is disabled`,
    );
  });
}

/** The inventory, once a reconciliation that was under way has ended. */
export function inventoryAtRest(
  { session, view }: Pick<Carrying, 'session' | 'view'>,
  reference: ObjectReference,
): Promise<ObjectReference[]> {
  return waitFor(
    view,
    () => {
      const instance = view.find(reference);
      if (!instance) return { value: [] };
      return conditionOf(instance, 'Reconciling')?.status === 'True'
        ? { waiting: `${nameOf(reference)} to end its reconciliation` }
        : { value: inventoryOf(instance) };
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
}
