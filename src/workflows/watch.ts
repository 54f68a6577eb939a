/** The watch over one cluster beside its run, on the way forward and back: from the Lease being held until it is given back. */
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Finding, StandInput } from '../activities/contract.ts';
import { phasesOf } from '../plan/phases.ts';
import { findingsOf, noteNoRollback } from './findings.ts';
import { perform, phaseInput, type Handover } from './handover.ts';

/** A watch that runs. */
export interface Watching {
  /** Comes back when nothing of it runs any more. */
  stop: () => Promise<void>;
}

/** Breaches after which the way back does not begin by itself, and why. */
const untouchable: Record<string, string> = {
  'api-server': 'nothing can be undone on a cluster that does not answer',
  unseen: 'the way back is not taken by itself where the watch can not see it',
  'source-unready': 'the way back needs the sources as much, and would not bring them back',
  'definition-deleted':
    'the way back sets free what is suspended now, and beneath a definition that goes it would prune',
  'namespace-deleted':
    'the way back sets free what is suspended now, and in a namespace that goes it would prune',
};

/** Does nothing where it runs already, or where the Lease is not held. It outlives whatever is cancelled, until it is stopped. */
export function startWatch(handover: Handover): void {
  const { state } = handover;
  const { lease, unwatched } = state.progress;
  if (state.watching || unwatched || lease !== 'held') return;
  const scope = new CancellationScope({
    cancellable: true,
    parent: new CancellationScope({ cancellable: false }),
  });
  let stopped = false;
  const ended = scope.run(() => watchOn(handover, () => stopped)).finally(() => (state.watching = null));
  state.watching = {
    stop: () => {
      stopped = true;
      scope.cancel();
      return ended;
    },
  };
}

/** A soak rests, however long it acts. */
function standInput(handover: Handover): StandInput {
  const { direction, acting, next, shape, compensations } = handover.state.progress;
  if (direction === 'back')
    return { ...phaseInput(handover, compensations.at(-1)?.phase ?? 'orphan'), way: 'back', acting: true };
  const phases = phasesOf(shape) ?? [];
  const now = acting ? phases[next] : phases[next - 1];
  return {
    ...phaseInput(handover, now?.name ?? 'settle'),
    way: 'forward',
    acting: acting && now?.name !== 'soak' && now?.name !== 'settle',
  };
}

/** After a breach it begins again at once: while a person is asked, the cluster is guarded all the same. */
async function watchOn(handover: Handover, stopped: () => boolean): Promise<void> {
  const { progress } = handover.state;
  try {
    for (;;) {
      const input = { ...standInput(handover), known: progress.known };
      const { breaches, known } = await perform(
        handover,
        'watch',
        'watchHealth',
        'watch over what must hold',
        input,
      );
      progress.known = known;
      tell(handover, breaches);
    }
  } catch (failure) {
    if (isCancellation(failure)) return;
    if (!(failure instanceof ActivityFailure)) throw failure;
    // Its worker died as it was told to end: nothing of it runs, and it has seen nothing.
    if (stopped() && failure.cause instanceof TimeoutFailure) return;
    // The Lease with another, or with nobody, too: a soak must not go on as if it were watched.
    progress.unwatched = true;
    tell(handover, findingsOf(failure).map(untilRetry), 'hold');
  }
}

/** On the way back nobody is asked, and what was found stands with the reasons. */
function tell(handover: Handover, findings: Finding[], always?: 'hold'): void {
  const { state, input, cluster } = handover;
  if (state.progress.direction === 'back') {
    const { back } = state.status;
    if (back) state.show({ back: { ...back, findings: [...unsaid(back.findings, findings), ...findings] } });
    state.publish();
    return;
  }
  const wanted = always ?? cluster.onBreach ?? input.config.onBreach;
  const no = findings.find(({ id }) => untouchable[id] !== undefined);
  const why = no && untouchable[no.id];
  state.forward.raise({
    by: 'breach',
    findings:
      wanted === 'rollback' && why ? [...findings, noteNoRollback(input.cluster, 'onBreach', why)] : findings,
    onBreach: why ? 'hold' : wanted,
  });
}

/** What was found before, without what is found once more. */
export function unsaid(before: Finding[], findings: Finding[]): Finding[] {
  return before.filter(({ id, what }) => !findings.some((each) => each.id === id && each.what === what));
}

/** On a person's word, where it could not go on. */
export function watchAgain(handover: Handover): void {
  handover.state.progress.unwatched = false;
  startWatch(handover);
}

function untilRetry(finding: Finding): Finding {
  return {
    ...finding,
    why: `${finding.why}; until retry the cluster is not watched`,
  };
}

/**
 * On a person's word to go on: what the watch has stopped goes on, and from then on everything is told anew.
 * @returns what forbids it; null when it is done. @throws CancelledFailure
 */
export async function liftFirstAid(handover: Handover): Promise<Finding[] | null> {
  const { state } = handover;
  const { progress } = state;
  try {
    progress.unwatched = false;
    if (progress.known.length === 0) return null;
    // It would stop again what is let go.
    await state.watching?.stop();
    await perform(handover, 'step', 'liftFirstAid', 'lift the first aid', standInput(handover));
    progress.known = [];
    return null;
  } catch (failure) {
    if (!(failure instanceof ActivityFailure) || isCancellation(failure) || progress.interruption)
      throw failure;
    return findingsOf(failure);
  } finally {
    startWatch(handover);
  }
}
