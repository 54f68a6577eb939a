/** One cluster's workflow as the fleet starts it, and how it ended. */
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  CancellationScope,
  isCancellation,
  ParentClosePolicy,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { clusterHandover } from './cluster.ts';
import {
  clusterWorkflowId,
  searchAttributeNames,
  type ClusterPlanReference,
  type ClusterResult,
  type FleetInput,
  type WayBackWord,
} from './contract.ts';

const fleetKey = defineSearchAttributeKey(searchAttributeNames.fleet, SearchAttributeType.KEYWORD);
const clusterKey = defineSearchAttributeKey(searchAttributeNames.cluster, SearchAttributeType.KEYWORD);

export interface Member {
  cluster: string;
  workflow: ChildWorkflowHandle<typeof clusterHandover>;
  /** How it ended; a cancellation of the cluster alone is an outcome, one of the fleet is thrown. */
  ended: Promise<ClusterResult>;
}

/** @param back only the way back, on this word */
export async function startMember(
  { run, config }: FleetInput,
  plan: ClusterPlanReference,
  back?: WayBackWord,
): Promise<Member> {
  const { name: cluster, planDigest, baseCommit } = plan;
  try {
    const workflow = await startChild(clusterHandover, {
      workflowId: clusterWorkflowId(config.fleet, cluster),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      // Should the fleet be terminated, its cluster must not be left between: it goes back.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      args: [{ run, config, cluster, planDigest, baseCommit, ...(back ? { back } : {}) }],
      typedSearchAttributes: [
        { key: fleetKey, value: config.fleet },
        { key: clusterKey, value: cluster },
      ],
      staticSummary: back
        ? `${cluster}: bring the legacy install of Flux back`
        : `${cluster}: hand Flux over to Flux Operator`,
      staticDetails: `Run \`${run}\` of fleet **${config.fleet}**, cluster **${cluster}**. ${baseCommit ? `Plan \`${planDigest}\`, made at commit \`${baseCommit}\`.` : ''}`,
    });
    return { cluster, workflow, ended: ending(cluster, workflow) };
  } catch (failure) {
    if (failure instanceof WorkflowExecutionAlreadyStartedError)
      throw ApplicationFailure.nonRetryable(
        `a handover of ${cluster} runs already (${failure.workflowId}): let it end or cancel it first`,
        'AlreadyRunning',
      );
    throw failure;
  }
}

async function ending(cluster: string, workflow: Member['workflow']): Promise<ClusterResult> {
  try {
    return await workflow.result();
  } catch (failure) {
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
