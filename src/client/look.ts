/** Looks at a run in Temporal: descriptions and memo always, the workflows' own answers where a worker gives them. */
import type { Client, WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import type { HandoverConfig } from '../config/schema.ts';
import { type ClusterView, type FleetView, type RunState, soaksOf } from '../report/view.ts';
import {
  clusterWorkflowId,
  fleetWorkflowId,
  messageNames,
  type ClusterStatus,
  type FleetResult,
  type FleetStatus,
} from '../workflows/contract.ts';
import { pendingActivities } from './pending.ts';
import { workflowUrl, type TemporalSettings } from './connection.ts';

/** Milliseconds for a worker to answer; then the memo must do. Not a deadline: the SDK tries again after one. */
const defaultPatience = 3000;

const states: Partial<Record<WorkflowExecutionStatusName, RunState>> = {
  RUNNING: 'running',
  CONTINUED_AS_NEW: 'running',
  PAUSED: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

export interface Looker {
  client: Client;
  config: HandoverConfig;
  settings: TemporalSettings;
  /** Milliseconds to wait for a worker's answer; default 3000. */
  patience?: number;
  /** The last answers, by run and length of history: a query replays, so it is asked only when something happened. */
  answers: Map<string, ClusterStatus>;
}

/** Memo of the fleet's workflow: what `start` wrote, and what the workflow added. */
interface FleetMemo {
  run?: string;
  planDigest?: string;
  startedBy?: string;
  status?: FleetStatus;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}

async function ask(
  { client, answers, patience = defaultPatience }: Looker,
  description: WorkflowExecutionDescription,
): Promise<ClusterStatus | null> {
  const key = `${description.runId}/${description.historyLength}`;
  const known = answers.get(key);
  if (known) return known;
  const handle = client.workflow.getHandle(description.workflowId, description.runId);
  const answer = await client
    .withAbortSignal(AbortSignal.timeout(patience), () => handle.query<ClusterStatus>(messageNames.status))
    .catch(() => null);
  if (answer !== null) answers.set(key, answer);
  return answer;
}

async function lookAtCluster(
  looker: Looker,
  fleet: WorkflowExecutionDescription,
  name: string,
  memo: FleetMemo,
): Promise<ClusterView> {
  const { client, config, settings } = looker;
  const { branch = '', path = '' } = config.clusters.find((each) => each.name === name) ?? {};
  const workflowId = clusterWorkflowId(config.fleet, name);
  const known = memo.status?.clusters.find(({ cluster }) => cluster === name);
  const view: ClusterView = {
    cluster: name,
    branch,
    path,
    workflowId,
    uiUrl: workflowUrl(workflowId, settings),
    run: 'not-started',
    answeredBy: null,
    status: null,
    outcome: known?.outcome ?? null,
    pending: [],
    soak: soaksOf(config, name),
  };
  const description = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => (isNotFound(error) ? null : Promise.reject(error as Error)));
  // The same id may still name the cluster's part of an earlier run.
  if (description === null || description.parentExecution?.runId !== fleet.runId) return view;
  const answer = await ask(looker, description);
  const noted = (description.memo as { status?: ClusterStatus } | undefined)?.status ?? null;
  return {
    ...view,
    run: states[description.status.name] ?? 'unknown',
    answeredBy: answer === null ? 'memo' : 'worker',
    status: answer ?? noted,
    pending: pendingActivities(description),
  };
}

/** Why a run that has ended did not hand everything over; null when it did. */
async function whyEnded(client: Client, description: WorkflowExecutionDescription): Promise<string | null> {
  if (description.status.name === 'RUNNING') return null;
  try {
    const result = (await client.workflow
      .getHandle(description.workflowId, description.runId)
      .result()) as FleetResult;
    return result.why;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}

/** @throws WorkflowNotFoundError when this fleet was never started here */
export async function look(looker: Looker): Promise<FleetView> {
  const { client, config, settings } = looker;
  const workflowId = fleetWorkflowId(config.fleet);
  const description = await client.workflow.getHandle(workflowId).describe();
  const memo = (description.memo ?? {}) as FleetMemo;
  const names =
    memo.status?.clusters.map(({ cluster }) => cluster) ?? config.clusters.map(({ name }) => name);
  const [failure, clusters] = await Promise.all([
    whyEnded(client, description),
    Promise.all(names.map((name) => lookAtCluster(looker, description, name, memo))),
  ]);
  return {
    fleet: config.fleet,
    run: memo.run ?? memo.status?.run ?? null,
    state: states[description.status.name] ?? 'unknown',
    startedAt: description.startTime.toISOString(),
    endedAt: description.closeTime?.toISOString() ?? null,
    startedBy: memo.startedBy ?? null,
    planDigest: memo.planDigest ?? memo.status?.planDigest ?? null,
    workflowId,
    uiUrl: workflowUrl(workflowId, settings),
    failure,
    clusters,
  };
}
