/** What Temporal knows of activities that have not ended: attempts, heartbeats, the last failure. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PendingActivity } from '../report/view.ts';

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];
type Failure = NonNullable<Pending['lastFailure']>;

const { PENDING_ACTIVITY_STATE_STARTED: started, PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: cancelRequested } =
  proto.temporal.api.enums.v1.PendingActivityState;

function stateOf({ state, lastFailure }: Pending): PendingActivity['state'] {
  if (state === started) return 'started';
  if (state === cancelRequested) return 'cancelling';
  return lastFailure ? 'backing-off' : 'scheduled';
}

/** The innermost message says what it was; the outer ones only where. */
function rootMessage(failure: Failure): string | null {
  return (failure.cause ? rootMessage(failure.cause) : null) ?? failure.message ?? null;
}

function lastWords({ heartbeatDetails }: Pending): string | null {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (!payload) return null;
  const said: unknown = defaultPayloadConverter.fromPayload(payload);
  return typeof said === 'string' ? said : JSON.stringify(said);
}

function time(at: Pending['scheduledTime']): string | null {
  return at?.seconds ? new Date(Number(at.seconds) * 1000 + (at.nanos ?? 0) / 1_000_000).toISOString() : null;
}

export function pendingActivities({ raw }: WorkflowExecutionDescription): PendingActivity[] {
  const activities = (raw.pendingActivities ?? []).map((pending): PendingActivity => {
    const state = stateOf(pending);
    return {
      name: pending.activityType?.name ?? 'activity',
      state,
      attempt: pending.attempt ?? 1,
      since: time(state === 'started' ? pending.lastStartedTime : pending.scheduledTime),
      lastHeartbeat: time(pending.lastHeartbeatTime),
      progress: lastWords(pending),
      lastFailure: pending.lastFailure ? rootMessage(pending.lastFailure) : null,
      nextAttempt: state === 'backing-off' ? time(pending.nextAttemptScheduleTime) : null,
    };
  });
  // The watch runs beside whatever else goes on.
  const isWatch = ({ name }: PendingActivity): number => Number(name === 'watchHealth');
  return activities.toSorted((one, other) => isWatch(one) - isWatch(other));
}
