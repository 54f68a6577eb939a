/** A soak: one timer that a person may end early, while the watch looks after the cluster. */
import { condition } from '@temporalio/workflow';
import type { PhaseResult } from '../activities/contract.ts';
import { durationMs, durationText } from '../config/duration.ts';
import type { Phase } from '../plan/phases.ts';
import type { Handover } from './handover.ts';
import { continueRun, shouldContinue } from './waits.ts';

export async function soak(handover: Handover, phase: Phase, name: 'soak' | 'settle'): Promise<PhaseResult> {
  const { state, input } = handover;
  const { progress } = state;
  const whole = soakLength(handover, name);
  if (whole === 0) return rested(handover, 'no soak is configured');
  state.takeSkip();
  for (let left = progress.soakLeft ?? whole; left > 0; left = progress.soakLeft ?? 0) {
    const ends = Date.now() + left;
    state.show({ state: 'soaking', phase: name, until: new Date(ends).toISOString() });
    state.publish();
    try {
      await condition(() => state.skip !== null || shouldContinue(), Math.max(1, left), {
        summary: `${input.cluster}: ${phase.meaning} (${durationText(left)})`,
      });
    } finally {
      progress.soakLeft = Math.max(0, ends - Date.now());
    }
    // An accepted word to skip counts even if a breach came in the same moment: the checklist follows in any case.
    const skip = state.takeSkip();
    if (skip)
      return rested(
        handover,
        `ended after ${durationText(whole - progress.soakLeft)} by ${skip.approver}${skip.reason ? `: ${skip.reason}` : ''}`,
      );
    if (progress.soakLeft > 0) await continueRun(handover, () => state.skip !== null);
  }
  return rested(handover, `${durationText(whole)} went by, ${seenBeside(handover)}`);
}

/** Whether a worker ran all the time is not known here: only what the watch reported is. */
function seenBeside({ state }: Handover): string {
  return state.watching ? 'and the watch reported nothing' : 'and nobody watched';
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
