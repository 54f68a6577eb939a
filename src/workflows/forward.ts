/** The way forward: phase by phase through the table, held wherever a phase fails or a gate is rejected. */
import { ActivityFailure, CancelledFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import { phasesOf, type Phase } from '../plan/phases.ts';
import { admit } from './admission.ts';
import { turnBack } from './back.ts';
import type { ClusterOutcome } from './contract.ts';
import { failed } from './failure-policy.ts';
import { failureTypeOf, findingsOf } from './findings.ts';
import {
  choicesNow,
  openHold,
  passOverLosses,
  perform,
  stepInput,
  type Handover,
  type Obstacle,
} from './handover.ts';
import { beginRun, runPhase } from './phase-run.ts';
import { resolutionOf } from './waits.ts';
import { liftFirstAid } from './watch.ts';

/**
 * Ends with the cluster's outcome, or with `back` when a person chose the way back. May be cancelled at any of its awaits, and
 * begun again from there. @throws CancelledFailure
 */
export async function goForward(handover: Handover): Promise<Exclude<ClusterOutcome, 'legacy'> | 'back'> {
  const { state } = handover;
  const { progress } = state;
  for (;;) {
    if (state.status.hold) {
      const { action, approver, reason = '', findings } = await resolutionOf(handover);
      if (action === 'rollback') return turnBack(handover, { by: approver, reason, findings: [] });
      if (action === 'abandon') return abandon(handover);
      if (action === 'skip') passOverLosses(handover, findings);
      const left = await liftFirstAid(handover);
      if (left) {
        openHold(handover, state.status.phase ?? 'preflight', {
          findings: left,
          actions: choicesNow(handover),
        });
        continue;
      }
    }
    const phases = phasesOf(progress.shape) ?? phasesOf('self-managed') ?? [];
    const phase = phases[progress.next];
    try {
      if (!phase) {
        await state.watching?.stop();
        // What it saw in the last moment counts, and is guarded against.
        if (progress.interruption) throw new CancelledFailure('interrupted before the Lease was given back');
        progress.lease = 'unsure';
        await perform(handover, 'undo', 'endRun', 'release the Lease', stepInput(handover));
        progress.lease = 'none';
        return 'operator';
      }
      const halted = await step(handover, phase);
      if (halted === 'rejected') return 'rejected';
      if (halted?.failed) {
        const { findings } = halted;
        if (failed(handover, { phase: phase.name, type: halted.failed, findings }) === 'back') return 'back';
      } else if (halted) openHold(handover, phase.name, halted);
    } catch (failure) {
      // Anything else is a cancellation, continue-as-new or a fault of this code: none is for a person at a gate. And what fails
      // because it was told to stop is no failure of its phase.
      if (!(failure instanceof ActivityFailure) || isCancellation(failure) || progress.interruption)
        throw failure;
      const at = { phase: phase?.name ?? 'settle', findings: findingsOf(failure) };
      // Before a phase acts, and after the last one, nothing has failed that going back would mend: `onFailure` is not asked.
      if (!phase || !progress.acting)
        openHold(handover, at.phase, { findings: at.findings, actions: choicesNow(handover) });
      else if (failed(handover, { ...at, type: failureTypeOf(failure) }) === 'back') return 'back';
    }
  }
}

async function step(handover: Handover, phase: Phase): Promise<Obstacle | 'rejected' | null> {
  const { progress } = handover.state;
  // A phase that has begun to act and is tried again does not pass its gate and its window a second time.
  if (!progress.acting) {
    const admission = await admit(handover, phase);
    if (!admission.admitted) return admission.rejected ? 'rejected' : admission.obstacle;
    if (phase.name !== 'preflight' && progress.lease !== 'held') await beginRun(handover);
    if (phase.gate) progress.shown = [];
    progress.acting = true;
  }
  const obstacle = await runPhase(handover, phase);
  if (obstacle) return obstacle;
  progress.acting = false;
  progress.approved = null;
  progress.next += 1;
  return null;
}

/** A person takes over. The Lease goes only if nothing was changed: a half-moved cluster must not be driven by another run unasked. */
async function abandon(handover: Handover): Promise<'abandoned'> {
  const { progress, watching } = handover.state;
  await watching?.stop();
  if (progress.lease === 'none' || progress.compensations.length > 0) return 'abandoned';
  progress.lease = 'unsure';
  try {
    await perform(handover, 'look', 'endRun', 'release the Lease', stepInput(handover));
  } catch (failure) {
    if (!(failure instanceof ActivityFailure) || isCancellation(failure) || progress.interruption)
      throw failure;
    const record = handover.state.record(handover.state.status.phase ?? 'preflight');
    record.summary = `abandoned; the Lease could not be released: ${findingsOf(failure)[0]?.what ?? failure.message}`;
  }
  return 'abandoned';
}
