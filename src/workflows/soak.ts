/** A soak: one timer that a person may end early, beside one heartbeating activity that watches the cluster's health. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import type { Finding, PhaseResult } from '../activities/contract.ts';
import { durationMs, durationText } from '../config/duration.ts';
import type { Phase } from '../plan/phases.ts';
import { findingsOf, refusal } from './findings.ts';
import {
  choicesNow,
  continueRun,
  perform,
  phaseInput,
  shouldContinue,
  type Handover,
  type Obstacle,
} from './handover.ts';

export async function soak(
  handover: Handover,
  phase: Phase,
  name: 'soak' | 'settle',
): Promise<PhaseResult | Obstacle> {
  const { state, input } = handover;
  const { progress } = state;
  const whole = soakLength(handover, name);
  progress.soakLeft ??= whole;
  if (whole === 0) return rested(handover, 'no soak is configured');
  const ends = Date.now() + progress.soakLeft;
  state.takeSkip();
  state.show({ state: 'soaking', phase: name, until: new Date(ends).toISOString() });
  state.publish();

  const scope = new CancellationScope();
  const watch: { ended: Finding[] | null } = { ended: null };
  const watching = scope
    .run(() =>
      perform(handover, 'watch', 'watchHealth', `watch health during ${name}`, phaseInput(handover, name)),
    )
    .then(
      ({ breaches }) => void (watch.ended = breaches.length > 0 ? breaches : [watchEnded(name)]),
      (failure: unknown) => {
        if (isCancellation(failure)) return;
        if (!(failure instanceof ActivityFailure)) throw failure;
        watch.ended = findingsOf(failure);
      },
    );
  try {
    const woken = (): boolean => state.skip !== null || watch.ended !== null || shouldContinue();
    await condition(woken, Math.max(1, progress.soakLeft), {
      summary: `${input.cluster}: ${phase.meaning} (${durationText(progress.soakLeft)})`,
    });
  } finally {
    // Also when the run is cancelled: nothing may be compensated while the watch still runs.
    scope.cancel();
    await watching;
    progress.soakLeft = Math.max(0, ends - Date.now());
  }
  // An accepted word to skip counts even if a breach came in the same moment: the checklist follows in any case.
  const skip = state.takeSkip();
  if (skip)
    return rested(
      handover,
      `ended after ${durationText(whole - progress.soakLeft)} by ${skip.approver}${skip.reason ? `: ${skip.reason}` : ''}`,
    );
  if (watch.ended) return { findings: watch.ended, actions: choicesNow(handover) };
  if (progress.soakLeft > 0) return continueRun(handover);
  return rested(handover, `watched for ${durationText(whole)}, nothing stayed unready`);
}

/** Milliseconds, after the cluster's own setting and the fleet's. */
function soakLength({ input, cluster }: Handover, name: 'soak' | 'settle'): number {
  const setting = name === 'soak' ? 'afterAdopt' : 'afterRetire';
  return durationMs(cluster.soak?.[setting] ?? input.config.soak[setting]);
}

function rested({ state }: Handover, summary: string): PhaseResult {
  state.progress.soakLeft = null;
  state.show({ state: 'running', until: null });
  return { commit: null, alreadyDone: false, summary, evidence: [], findings: [] };
}

function watchEnded(name: string): Finding {
  return refusal(
    'watch-ended',
    `the watch of ${name} ended by itself without a finding`,
    'the cluster would soak unwatched',
    'retry goes on with the soak for the time that is left',
  );
}
