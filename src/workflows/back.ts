/** The way back: compensations in reverse order, each one done or held for a person, never passed over. */
import { ActivityFailure } from '@temporalio/common';
import { phasesOf } from '../plan/phases.ts';
import { findingsOf, findingsOfChecks } from './findings.ts';
import {
  openHold,
  perform,
  phaseInput,
  resolutionOf,
  stepInput,
  type Handover,
  type Obstacle,
} from './handover.ts';
import { judgeByVerify } from './judgement.ts';

/** Must run inside a non-cancellable scope: a cancellation is one of the reasons to go back. */
export async function goBack(handover: Handover): Promise<'legacy' | 'abandoned'> {
  const { state } = handover;
  const { progress } = state;
  // A hold that was opened on the way forward is answered by going back; one on the way back still wants its answer.
  if (progress.direction === 'forward') {
    state.show({ hold: null });
    state.closeRecords('not finished: the way back was taken');
  }
  progress.direction = 'back';
  for (;;) {
    if (state.status.hold && (await resolutionOf(handover)) === 'abandon') return 'abandoned';
    const phase = progress.compensations.at(-1)?.phase ?? state.status.phase ?? 'preflight';
    try {
      const obstacle = await undoNext(handover);
      if (obstacle === 'done') return 'legacy';
      if (obstacle) openHold(handover, phase, obstacle);
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      openHold(handover, phase, { findings: findingsOf(failure), actions: ['retry', 'abandon'] });
    }
  }
}

/** One step of the way back: the last compensation, then the judgement that all is as before, then the Lease. */
async function undoNext(handover: Handover): Promise<Obstacle | 'done' | null> {
  const { state } = handover;
  const { progress } = state;
  const last = progress.compensations.at(-1);
  if (last) {
    state.show({ state: 'rolling-back', phase: last.phase, gate: null, hold: null, until: null });
    const record = state.record(last.phase);
    state.publish();
    const undone = await perform(
      handover,
      'undo',
      last.name,
      `undo ${last.phase}`,
      phaseInput(handover, last.phase),
    );
    Object.assign(record, {
      endedAt: new Date().toISOString(),
      commit: undone.commit,
      summary: `undone (${last.name}): ${undone.summary}`,
      evidence: undone.evidence,
    });
    progress.compensations.pop();
    progress.restored = false;
    return null;
  }
  if (!progress.restored) {
    // Judged as preflight leaves a cluster: the baseline, with the legacy install in charge.
    const phase = phasesOf(progress.shape)?.[0];
    const verdict = phase ? await judgeByVerify(handover, phase) : null;
    if (verdict && !verdict.ok) return { findings: findingsOfChecks(verdict), actions: ['retry', 'abandon'] };
    progress.restored = true;
  }
  if (progress.lease !== 'none')
    await perform(handover, 'undo', 'endRun', 'release the Lease', stepInput(handover));
  progress.lease = 'none';
  return 'done';
}
