/** The workflow of a fleet: one cluster after the other, each one only after the one before it was handed over. */
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  CancellationScope,
  defineQuery,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import { clusterHandover } from './cluster.ts';
import {
  clusterWorkflowId,
  messageNames,
  searchAttributeNames,
  type ClusterPlanReference,
  type ClusterResult,
  type FleetInput,
  type FleetResult,
  type FleetStatus,
} from './contract.ts';

const statusQuery = defineQuery<FleetStatus>(messageNames.status);
const fleetKey = defineSearchAttributeKey(searchAttributeNames.fleet, SearchAttributeType.KEYWORD);
const clusterKey = defineSearchAttributeKey(searchAttributeNames.cluster, SearchAttributeType.KEYWORD);

/** The status tells of a cluster only what its parent knows: pending, running, or how it ended. */
export async function fleetHandover(input: FleetInput): Promise<FleetResult> {
  const status: FleetStatus = {
    run: input.run,
    planDigest: input.planDigest,
    clusters: input.plans.map(({ name }) => ({
      cluster: name,
      state: 'pending',
      phase: null,
      outcome: null,
    })),
  };
  setHandler(statusQuery, () => status, { description: 'Where the fleet stands' });

  const result: FleetResult = { run: input.run, clusters: [], untouched: [], why: null };
  for (const [index, plan] of input.plans.entries()) {
    tell(status, index, { state: 'running' });
    const ended = await handOver(input, plan);
    result.clusters.push(ended);
    tell(status, index, { state: endState[ended.outcome], outcome: ended.outcome });
    if (ended.outcome === 'operator') continue;
    result.untouched = input.plans.slice(index + 1).map(({ name }) => name);
    result.why = `${plan.name} ended as ${ended.outcome}${result.untouched.length > 0 ? `, so ${result.untouched.join(', ')} was not touched` : ''}`;
    break;
  }
  return result;
}

const endState = {
  operator: 'done',
  legacy: 'rolled-back',
  rejected: 'stopped',
  abandoned: 'stopped',
} as const;

async function handOver({ run, config }: FleetInput, plan: ClusterPlanReference): Promise<ClusterResult> {
  const { name: cluster, planDigest, baseCommit } = plan;
  try {
    return await executeChild(clusterHandover, {
      workflowId: clusterWorkflowId(config.fleet, cluster),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      // Should the fleet be terminated, its cluster must not be left between: it goes back.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      args: [{ run, config, cluster, planDigest, baseCommit }],
      typedSearchAttributes: [
        { key: fleetKey, value: config.fleet },
        { key: clusterKey, value: cluster },
      ],
      staticSummary: `${cluster}: hand Flux over to Flux Operator`,
      staticDetails: `Run \`${run}\` of fleet **${config.fleet}**, cluster **${cluster}**. Plan \`${planDigest}\`, made at commit \`${baseCommit}\`.`,
    });
  } catch (failure) {
    if (failure instanceof WorkflowExecutionAlreadyStartedError)
      throw ApplicationFailure.nonRetryable(
        `a handover of ${cluster} runs already (${failure.workflowId}): let it end or cancel it first`,
        'AlreadyRunning',
      );
    // The fleet itself was cancelled: its child has gone back by now.
    if (CancellationScope.current().consideredCancelled || !(failure instanceof ChildWorkflowFailure))
      throw failure;
    if (isCancellation(failure)) return { cluster, outcome: 'legacy' };
    if (failure.cause instanceof ApplicationFailure && failure.cause.type === 'Cancelled')
      return { cluster, outcome: 'legacy' };
    if (failure.cause instanceof ApplicationFailure && failure.cause.type === 'Abandoned')
      return { cluster, outcome: 'abandoned' };
    throw failure;
  }
}

function tell(status: FleetStatus, index: number, change: Partial<FleetStatus['clusters'][number]>): void {
  const cluster = status.clusters[index];
  if (cluster) Object.assign(cluster, change);
  upsertMemo({ status });
}
