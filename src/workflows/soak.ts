/** A soak: one timer that a person may end early, while the watch looks after the cluster. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import type { Finding, PhaseResult, WatchInput } from '../activities/contract.ts';
import { durationMs, durationText } from '../config/duration.ts';
import type { Phase } from '../plan/phases.ts';
import { findingsOf, refusal } from './findings.ts';
import { choicesNow, perform, phaseInput, type Handover, type Obstacle } from './handover.ts';
import { continueRun, shouldContinue } from './waits.ts';

export async function soak(
  handover: Handover,
  phase: Phase,
  name: 'soak' | 'settle',
): Promise<PhaseResult | Obstacle> {
  const { state, input } = handover;
  const { progress } = state;
  const whole = soakLength(handover, name);
  if (whole === 0) return rested(handover, 'no soak is configured');
  state.takeSkip();
  for (let left = progress.soakLeft ?? whole; left > 0; left = progress.soakLeft ?? 0) {
    const ends = Date.now() + left;
    state.show({ state: 'soaking', phase: name, until: new Date(ends).toISOString() });
    state.publish();
    const looks = input.config.watch === 'looks' ? lookBeside(handover, name) : null;
    try {
      const woken = (): boolean => state.skip !== null || Boolean(looks?.ended) || shouldContinue();
      await condition(woken, Math.max(1, left), {
        summary: `${input.cluster}: ${phase.meaning} (${durationText(left)})`,
      });
    } finally {
      progress.soakLeft = Math.max(0, ends - Date.now());
      // Also when the run is cancelled: nothing may be compensated while the watch still runs.
      await looks?.stop();
    }
    // An accepted word to skip counts even if a breach came in the same moment: the checklist follows in any case.
    const skip = state.takeSkip();
    if (skip)
      return rested(
        handover,
        `ended after ${durationText(whole - progress.soakLeft)} by ${skip.approver}${skip.reason ? `: ${skip.reason}` : ''}`,
      );
    if (looks?.ended) return { findings: looks.ended, actions: choicesNow(handover) };
    if (progress.soakLeft > 0) await continueRun(handover, () => state.skip !== null);
  }
  return rested(handover, `watched for ${durationText(whole)}, nothing stayed unready`);
}

interface Looks {
  ended: Finding[] | null;
  stop: () => Promise<void>;
}

/** One heartbeating activity that judges the soaking cluster by looks. */
function lookBeside(handover: Handover, name: 'soak' | 'settle'): Looks {
  const scope = new CancellationScope();
  const input: WatchInput = { ...phaseInput(handover, name), way: 'forward', acting: false, known: [] };
  const watching = scope
    .run(() => perform(handover, 'watch', 'watchHealth', `watch health during ${name}`, input))
    .then(
      ({ breaches }) => void (looks.ended = breaches.length > 0 ? breaches : [watchEnded(name)]),
      (failure: unknown) => {
        if (isCancellation(failure)) return;
        if (!(failure instanceof ActivityFailure)) throw failure;
        looks.ended = findingsOf(failure);
      },
    );
  const looks: Looks = {
    ended: null,
    stop: () => {
      scope.cancel();
      return watching;
    },
  };
  return looks;
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
