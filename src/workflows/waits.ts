/** The waits of a run for a person's word or for time, and continuing as new, which happens in them. */
import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ClusterState } from './cluster-state.ts';
import type { ClusterInput, Hold, HoldResolution } from './contract.ts';
import type { Handover } from './handover.ts';
import { startWatch } from './watch.ts';

/**
 * Waits for a message (true) or until the time is up (false). When the server suggests it, this is the place where the run
 * continues as new: every wait is at a point from which `Carried` leads on.
 */
export async function wait(
  handover: Handover,
  ready: () => boolean,
  until?: { ms: number; summary: string },
): Promise<boolean> {
  const woken = (): boolean => ready() || shouldContinue();
  if (until) await condition(woken, until.ms, { summary: `${handover.input.cluster}: ${until.summary}` });
  else await condition(woken);
  if (!ready() && shouldContinue()) await continueRun(handover, ready);
  return ready();
}

export function shouldContinue(): boolean {
  return workflowInfo().continueAsNewSuggested && allHandlersFinished();
}

/**
 * Throws the SDK's continue-as-new; nothing but the watch may be running, or half said. Comes back where a message, that the next run
 * would not know of, came while the watch was ending.
 */
export async function continueRun(handover: Handover, said: () => boolean = () => false): Promise<void> {
  const { input, state } = handover;
  await state.watching?.stop();
  if (said()) return startWatch(handover);
  await continueAsNew<(input: ClusterInput, carried: ReturnType<ClusterState['carry']>) => Promise<unknown>>(
    input,
    state.carry(),
  );
}

/** Waits for a person's word on the open hold, and closes it. */
export async function resolutionOf(handover: Handover): Promise<HoldResolution & Pick<Hold, 'findings'>> {
  const { state } = handover;
  for (;;) {
    await wait(handover, () => state.resolution !== null);
    const resolution = state.takeResolution();
    if (!resolution) continue;
    const findings = state.status.hold?.findings ?? [];
    state.show({ hold: null, state: 'running' });
    return { ...resolution, findings };
  }
}
