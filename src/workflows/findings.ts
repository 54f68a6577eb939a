/** Turns what an activity threw, or a bad verdict, into findings that tell a person what to do. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { Finding, VerifyResult } from '../activities/contract.ts';
import { findingsIn, note, refusal } from '../activities/finding.ts';

const mends: Record<string, string> = {
  Unreachable: 'bring the API server, Git or the registry back, then retry',
  NotYet: 'look at what it waits for, then retry',
  NotReady: 'look at the object named above, mend it, then retry; or roll back',
  PlanChanged:
    'run flux-handover plan again and look at the difference; revert the change on the branch and retry, or abandon and start anew',
  WrongCluster: "mend the context in the worker's kubeconfig, restart the worker, then retry",
  LockHeld: 'let the other run end, or take the Lease over on purpose, then retry',
  Forbidden: 'mend the credentials or permissions, restart the worker, then retry',
};

/** Findings of a failed activity: those that it carries, or one that says how it ended. */
export function findingsOf(failure: ActivityFailure): Finding[] {
  const { cause } = failure;
  if (cause instanceof ApplicationFailure) {
    const carried = findingsIn(cause);
    if (carried.length > 0) return carried;
    const type = cause.type ?? 'Failure';
    return [
      refusal(
        type,
        cause.message,
        `${failure.activityType} ended with ${type}`,
        mends[type] ?? "look at the worker's log, then retry",
      ),
    ];
  }
  if (cause instanceof TimeoutFailure) {
    const what = `${failure.activityType} gave no sign in time (${cause.timeoutType})`;
    return [
      refusal(
        'Timeout',
        what,
        'the worker of this cluster died, or the step hangs',
        'look at the worker and its log, then retry: steps are safe to repeat',
      ),
    ];
  }
  const what = cause?.message ?? failure.message;
  return [refusal('Failure', what, `${failure.activityType} failed`, "look at the worker's log, then retry")];
}

/** `type` of the failure that an activity threw, or `Timeout`. */
export function failureTypeOf({ cause }: ActivityFailure): string {
  if (cause instanceof ApplicationFailure) return cause.type ?? 'Failure';
  return cause instanceof TimeoutFailure ? 'Timeout' : 'Failure';
}

/** Of what a check said; `flux-handover verify` says all of it. Characters. */
const detailLength = 400;

/** One finding per check that did not hold, with the objects that it names. */
export function findingsOfChecks({ checks }: Pick<VerifyResult, 'checks'>): Finding[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(({ name, detail, passable }) => ({
      ...refusal(
        'verify',
        `"${name}" does not hold: ${shortened(detail)}`,
        'what comes next relies on it',
        'mend what is named (flux-handover verify shows it in full), then retry: the phase is safe to repeat',
      ),
      ...(passable ? { passable } : {}),
    }));
}

function shortened(detail: string): string {
  const line = detail.replaceAll(/\s+/g, ' ').trim();
  return line.length > detailLength ? `${line.slice(0, detailLength - 1)}…` : line;
}

/** Beside what was found, where handover.yaml wants the way back and it was not taken. */
export function noteNoRollback(cluster: string, setting: 'onFailure' | 'onBreach', why: string): Finding {
  return note(
    'no-rollback-by-itself',
    `${setting}: rollback is set, but ${cluster} did not go back by itself`,
    why,
    'mend what is named above, then choose',
  );
}
