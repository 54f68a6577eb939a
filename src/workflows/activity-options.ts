/** Timeouts, retries and cancellation of the activities, per kind of step. */
import { ActivityCancellationType, type ActivityOptions, type RetryPolicy } from '@temporalio/common';
import type { FailureType } from '../activities/contract.ts';
import type { HandoverConfig } from '../config/schema.ts';
import { durationMs } from '../config/duration.ts';
import { clusterTaskQueue } from './contract.ts';

/** `look`: a person waits for the answer. `step`: carries a phase. `undo`: a compensation. `watch`: lasts as long as a soak. */
export type Kind = 'look' | 'step' | 'undo' | 'watch';

const needsPerson: FailureType[] = [
  'Refused',
  'PlanChanged',
  'WrongCluster',
  'LockHeld',
  'NotReady',
  'Forbidden',
];

/**
 * Retries count attempts and not time, so that a worker that is down for a night uses up nothing: the step waits in the queue.
 * `look` gives up after about 15 s of waiting (2 + 4 + 8 s), `step` and `undo` after about ten minutes (then at most 30 s apart).
 */
const retries: Record<Kind, RetryPolicy> = {
  look: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 4 },
  step: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 24 },
  undo: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 24 },
  watch: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' },
};

/** No scheduleToClose anywhere: a compensation must not give up because its worker was away. */
export function activityOptions(config: HandoverConfig, cluster: string, kind: Kind): ActivityOptions {
  const ready = durationMs(config.timeouts.ready);
  return {
    taskQueue: clusterTaskQueue(config.fleet, cluster),
    // The default, TRY_CANCEL, would let a rollback overlap a step that still runs.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    heartbeatTimeout: '30s',
    startToCloseTimeout: kind === 'watch' ? '3650d' : Math.max(4 * ready, 15 * 60_000),
    retry: { ...retries[kind], nonRetryableErrorTypes: needsPerson },
  };
}
