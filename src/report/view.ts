/** What is known of a run at one moment, as plain data: what `status` shows and what the report is written from. */
import type { HandoverConfig } from '../config/schema.ts';
import { phasesOf, type Phase } from '../plan/phases.ts';
import type { ClusterOutcome, ClusterStatus } from '../workflows/contract.ts';

/** An activity that Temporal has not seen end. */
export interface PendingActivity {
  name: string;
  /** scheduled: no worker has taken it; started: it runs; backing-off: it failed and is tried again. */
  state: 'scheduled' | 'started' | 'backing-off' | 'cancelling';
  /** Counts from 1. */
  attempt: number;
  since: string | null;
  lastHeartbeat: string | null;
  /** What it said with its last heartbeat. */
  progress: string | null;
  lastFailure: string | null;
  nextAttempt: string | null;
}

export type RunState =
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'timed-out'
  | 'not-started'
  | 'unknown';

export interface ClusterView {
  cluster: string;
  branch: string;
  path: string;
  workflowId: string;
  uiUrl: string;
  run: RunState;
  /** worker: the workflow answered; memo: no worker did, this is what it last noted. */
  answeredBy: 'worker' | 'memo' | null;
  status: ClusterStatus | null;
  outcome: ClusterOutcome | null;
  pending: PendingActivity[];
  /** Durations of the two soaks as configured. */
  soak: { soak: string; settle: string };
}

export interface FleetView {
  fleet: string;
  run: string | null;
  state: RunState;
  startedAt: string | null;
  endedAt: string | null;
  startedBy: string | null;
  planDigest: string | null;
  workflowId: string;
  uiUrl: string;
  /** Why the run failed, if it did. */
  failure: string | null;
  clusters: ClusterView[];
}

type PhaseProgress = 'done' | 'now' | 'ahead';

/** A phase with what is recorded of it. */
export interface PhaseLine {
  phase: Phase;
  progress: PhaseProgress;
  record: ClusterStatus['phases'][number] | null;
}

/** The phases of a cluster in order, with what is done, what goes on and what lies ahead. */
export function phaseLines(view: ClusterView): PhaseLine[] {
  const status = view.status;
  const phases = phasesOf(status?.shape ?? 'self-managed') ?? phasesOf('self-managed') ?? [];
  const seen = phases.findLastIndex(({ name }) => status?.phases.some(({ phase }) => phase === name));
  return phases.flatMap((phase, index) => {
    const record = status?.phases.findLast((each) => each.phase === phase.name) ?? null;
    const current = status?.phase === phase.name && !ended.has(status.state);
    const progress: PhaseProgress = current
      ? 'now'
      : record?.endedAt
        ? 'done'
        : record === null
          ? 'ahead'
          : 'now';
    // Passed over: the memo does not say the shape, but this shape has no such phase.
    return record === null && index < seen ? [] : [{ phase, progress, record }];
  });
}

const ended = new Set<ClusterStatus['state']>(['done', 'rolled-back', 'stopped']);

/** True once nothing more happens by itself or by a person's word. */
export function hasEnded(view: FleetView): boolean {
  return view.state !== 'running' && view.state !== 'unknown';
}

/** Clusters that wait for a person: at a gate or held. */
export function waitingForPerson(view: FleetView): ClusterView[] {
  if (hasEnded(view)) return [];
  return view.clusters.filter(
    ({ status }) => status !== null && (status.gate !== null || status.hold !== null),
  );
}

export function isHeld(view: ClusterView): boolean {
  return view.status?.state === 'held';
}

/** The soaks of a cluster after its own settings and the fleet's. */
export function soaksOf(config: HandoverConfig, name: string): ClusterView['soak'] {
  const own = config.clusters.find((each) => each.name === name)?.soak;
  return {
    soak: own?.afterAdopt ?? config.soak.afterAdopt,
    settle: own?.afterRetire ?? config.soak.afterRetire,
  };
}
