/** The workflow of one cluster: handlers, the way forward, and whichever way it ends. */
import {
  defineQuery,
  defineSignal,
  defineUpdate,
  CancellationScope,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { goBack } from './back.ts';
import { ClusterState } from './cluster-state.ts';
import {
  messageNames,
  type AuditEntry,
  type ClusterInput,
  type ClusterOutcome,
  type ClusterResult,
  type ClusterState as StateName,
  type ClusterStatus,
  type GateDecision,
  type HoldResolution,
  type SoakSkip,
} from './contract.ts';
import { goForward } from './forward.ts';
import type { Handover } from './handover.ts';
import type { Carried } from './progress.ts';

const decide = defineSignal<[GateDecision]>(messageNames.decide);
const decideUpdate = defineUpdate<AuditEntry, [GateDecision]>(messageNames.decideUpdate);
const skipSoak = defineSignal<[SoakSkip]>(messageNames.skipSoak);
const resolve = defineSignal<[HoldResolution]>(messageNames.resolve);
const statusQuery = defineQuery<ClusterStatus>(messageNames.status);

const finalState: Record<ClusterOutcome, StateName> = {
  operator: 'done',
  legacy: 'rolled-back',
  rejected: 'stopped',
  abandoned: 'stopped',
};

/**
 * Hands one cluster over. Cancelling it takes the way back and then ends as cancelled.
 * `carried` is for continue-as-new only.
 */
export async function clusterHandover(input: ClusterInput, carried?: Carried): Promise<ClusterResult> {
  const state = new ClusterState(input, carried);
  listen(state);
  const cluster = input.config.clusters.find(({ name }) => name === input.cluster);
  if (!cluster)
    throw ApplicationFailure.nonRetryable(`handover.yaml has no cluster ${input.cluster}`, 'Refused');
  const handover: Handover = { input, cluster, state };

  const { outcome, cause } = await drive(handover);
  state.show({ state: finalState[outcome], gate: null, hold: null, until: null });
  state.publish();
  if (cause) throw cause;
  return { cluster: input.cluster, outcome };
}

async function drive(handover: Handover): Promise<{ outcome: ClusterOutcome; cause: Error | null }> {
  const { progress } = handover.state;
  let cause: Error | null = progress.cancelled
    ? ApplicationFailure.nonRetryable('the handover was cancelled', 'Cancelled')
    : null;
  if (progress.direction === 'forward') {
    try {
      const reached = await goForward(handover);
      if (reached !== 'back') return { outcome: reached, cause: null };
    } catch (failure) {
      if (!isCancellation(failure)) throw failure;
      cause = failure as Error;
      progress.cancelled = true;
    }
  }
  const outcome = await CancellationScope.nonCancellable(() => goBack(handover));
  // A person who abandons the way back of a cancelled run leaves the cluster between: that must not look like a clean cancel.
  if (outcome === 'abandoned' && cause)
    cause = ApplicationFailure.nonRetryable(
      `${handover.input.cluster} was left between: the way back was abandoned`,
      'Abandoned',
    );
  return { outcome, cause };
}

/** Registered before the first await, so that no message of the first task is missed. */
function listen(state: ClusterState): void {
  setHandler(decide, (decision) => void state.decide(decision), {
    description: 'Approve or reject an open gate',
  });
  setHandler(decideUpdate, (decision) => state.decide(decision), {
    description: 'The same as decide, with the verdict as the answer',
    validator: (decision) => {
      const { verdict, why } = state.judge(decision);
      if (verdict !== 'accepted') throw ApplicationFailure.nonRetryable(why, verdict);
    },
  });
  setHandler(skipSoak, (skip) => void state.skipSoak(skip), { description: 'End the soak now' });
  setHandler(resolve, (resolution) => void state.resolve(resolution), {
    description: 'What to do with a held cluster: retry, rollback or abandon',
  });
  setHandler(statusQuery, () => ({ ...state.status, shape: state.progress.shape }), {
    description: 'Where this cluster stands',
  });
}
