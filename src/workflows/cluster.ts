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
import type { Finding } from '../activities/contract.ts';
import { note } from '../activities/finding.ts';
import { goBack, turnBack } from './back.ts';
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
  type PauseRequest,
  type RollbackRequest,
  type SoakSkip,
} from './contract.ts';
import { goForward } from './forward.ts';
import { choicesNow, openHold, type Handover } from './handover.ts';
import type { Interruption } from './interruption.ts';
import type { Carried } from './progress.ts';
import { startWatch, unsaid } from './watch.ts';

const decide = defineSignal<[GateDecision]>(messageNames.decide);
const decideUpdate = defineUpdate<AuditEntry, [GateDecision]>(messageNames.decideUpdate);
const skipSoak = defineSignal<[SoakSkip]>(messageNames.skipSoak);
const resolve = defineSignal<[HoldResolution]>(messageNames.resolve);
const pause = defineSignal<[PauseRequest]>(messageNames.pause);
const rollback = defineSignal<[RollbackRequest]>(messageNames.rollback);
const rollbackUpdate = defineUpdate<AuditEntry, [RollbackRequest]>(messageNames.rollbackUpdate);
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
  if (input.back && !carried) {
    const { approver, reason } = input.back;
    turnBack(handover, { by: approver, reason, findings: [] });
    state.progress.wayBackKnown = false;
  }

  const { outcome, cause } = await drive(handover);
  await state.watching?.stop();
  state.show({ state: finalState[outcome], gate: null, hold: null, until: null });
  state.publish();
  if (cause) throw cause;
  return { cluster: input.cluster, outcome };
}

async function drive(handover: Handover): Promise<{ outcome: ClusterOutcome; cause: Error | null }> {
  const { state } = handover;
  const { progress } = state;
  let cause: Error | null = progress.cancelled
    ? ApplicationFailure.nonRetryable('the handover was cancelled', 'Cancelled')
    : null;
  while (progress.direction === 'forward') {
    startWatch(handover);
    try {
      const reached = await state.forward.run(() => goForward(handover));
      if (reached === 'interrupted') answer(handover, state.forward.take());
      else if (reached !== 'back') return { outcome: reached, cause: null };
    } catch (failure) {
      if (!isCancellation(failure)) throw failure;
      cause = failure as Error;
      progress.cancelled = true;
      turnBack(handover, { by: 'Temporal', reason: 'the workflow was cancelled', findings: [] });
    }
  }
  startWatch(handover);
  const outcome = await CancellationScope.nonCancellable(() => goBack(handover));
  // A person who abandons the way back of a cancelled run leaves the cluster between: that must not look like a clean cancel.
  if (outcome === 'abandoned' && cause)
    cause = ApplicationFailure.nonRetryable(
      `${handover.input.cluster} was left between: the way back was abandoned`,
      'Abandoned',
    );
  return { outcome, cause };
}

/** Goes back, or holds the cluster with what was found; then the way forward is gone on from there, with its hold first. */
function answer(handover: Handover, interruption: Interruption | null): void {
  const { state } = handover;
  if (!interruption) return;
  if (interruption.by === 'rollback') {
    const { approver, reason } = interruption;
    turnBack(handover, { by: approver, reason, findings: [] });
    return;
  }
  const phase = state.status.phase ?? 'preflight';
  if (interruption.by === 'pause')
    return openHold(handover, phase, {
      findings: [pausedBy(interruption.approver, interruption.reason)],
      actions: choicesNow(handover),
    });
  const { findings, onBreach } = interruption;
  if (onBreach === 'rollback') {
    state.noteAutomaticRollback('onBreach', `the watch found: ${findings[0]?.what ?? 'a breach'}`);
    turnBack(handover, { by: 'handover.yaml', reason: 'onBreach: rollback', findings });
    return;
  }
  // What was held before is still to be answered.
  const before = state.status.hold?.findings ?? [];
  openHold(handover, phase, {
    findings: [...findings, ...unsaid(before, findings)],
    actions: choicesNow(handover),
  });
}

function pausedBy(approver: string, reason: string): Finding {
  return note(
    'paused',
    `${approver} lets the cluster stand still${reason ? `: ${reason}` : ''}`,
    'what was going on was stopped at a safe place',
    'retry goes on from there',
  );
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
  setHandler(pause, (request) => void state.pause(request), {
    description: 'Stop what goes on and hold the cluster; retry goes on',
  });
  setHandler(rollback, (request) => void state.rollback(request), {
    description: 'Stop what goes on and take the way back, now',
  });
  setHandler(rollbackUpdate, (request) => state.rollback(request), {
    description: 'The same as rollback, with the verdict as the answer',
    validator: (request) => {
      const { verdict, why } = state.judgeRollback(request);
      if (verdict !== 'accepted') throw ApplicationFailure.nonRetryable(why, verdict);
    },
  });
  setHandler(
    statusQuery,
    () => {
      const { status, progress } = state;
      return { ...status, shape: progress.shape, passedOver: progress.passedOver };
    },
    { description: 'Where this cluster stands' },
  );
}
