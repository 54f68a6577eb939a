/** The way back: compensations in reverse order, each one done or held for a person, never passed over. */
import { ActivityFailure } from '@temporalio/common';
import { byHand } from '../plan/by-hand.ts';
import { phasesOf, takesOperator, type PhaseName } from '../plan/phases.ts';
import type { WayBackFound } from '../activities/contract.ts';
import type { WayBack } from './contract.ts';
import { findingsOf, findingsOfChecks } from './findings.ts';
import {
  openHold,
  passOverLosses,
  perform,
  phaseInput,
  stepInput,
  type Handover,
  type Obstacle,
} from './handover.ts';
import { judgeByVerify } from './judgement.ts';
import { beginRun } from './phase-run.ts';
import type { Progress } from './progress.ts';
import { continueRun, resolutionOf, shouldContinue } from './waits.ts';
import { watchAgain } from './watch.ts';

/** Why the way back is taken, and on whose word. */
export type Turn = Pick<WayBack, 'by' | 'reason' | 'findings'>;

/** From here on the run only goes back. A hold or a gate of the way forward is answered by that. */
export function turnBack({ state }: Handover, turn: Turn): 'back' {
  const { progress } = state;
  progress.direction = 'back';
  progress.interruption = null;
  state.closeRecords('not finished: the way back was taken');
  const since = new Date().toISOString();
  state.show({ hold: null, gate: null, until: null, back: { since, ...turn, left: left(progress) } });
  return 'back';
}

/** Must run inside a non-cancellable scope: a cancellation is one of the reasons to go back. */
export async function goBack(handover: Handover): Promise<'legacy' | 'abandoned'> {
  const { state } = handover;
  const { progress } = state;
  for (;;) {
    if (state.status.hold) {
      const resolution = await resolutionOf(handover);
      if (resolution.action === 'abandon') return 'abandoned';
      if (resolution.action === 'skip') passOver(handover, resolution);
      watchAgain(handover);
    }
    if (shouldContinue()) await continueRun(handover);
    const step = nextOf(progress);
    const phase = progress.compensations.at(-1)?.phase ?? state.status.phase ?? 'preflight';
    try {
      const obstacle = await steps[step](handover);
      if (obstacle) openHold(handover, phase, obstacle);
      else if (step === 'end') return 'legacy';
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      openHold(handover, phase, {
        findings: findingsOf(failure),
        actions: step === 'undo' || step === 'ask' ? ['retry', 'skip', 'abandon'] : ['retry', 'abandon'],
        byHand: step === 'undo' ? handWork(handover) : [],
      });
    }
  }
}

type Step = 'find' | 'ask' | 'undo' | 'judge' | 'end';

function nextOf({ wayBackKnown, compensations, dependentsSettled, restored }: Progress): Step {
  if (!wayBackKnown) return 'find';
  const last = compensations.at(-1);
  if (last) return takesOperator.has(last.name) && !dependentsSettled ? 'ask' : 'undo';
  return restored ? 'end' : 'judge';
}

const steps: Record<Step, (handover: Handover) => Promise<Obstacle | null>> = {
  /** What an earlier workflow has left on the cluster. */
  async find(handover) {
    const { state, input } = handover;
    const { progress } = state;
    state.show({ state: 'rolling-back', hold: null });
    state.publish();
    const found = await perform(
      handover,
      'look',
      'findWayBack',
      'find out what is to be undone',
      stepInput(handover),
    );
    if (found.misfits.length > 0) return { findings: found.misfits, actions: ['retry', 'abandon'] };
    progress.wayBackKnown = true;
    progress.shape = found.shape;
    progress.install = found.install;
    if (!found.step) return null;
    // As the run was planned, whatever handover.yaml says by now.
    const { config, run, planDigest, baseCommit, clusterUid } = found.step;
    Object.assign(input, { config, run, planDigest });
    handover.cluster = config.clusters.find(({ name }) => name === input.cluster) ?? handover.cluster;
    Object.assign(progress, { baseCommit, clusterUid, restored: false });
    progress.compensations = found.due.toReversed();
    recordEarlier(handover, found);
    if (state.status.back) state.show({ back: { ...state.status.back, left: left(progress) } });
    return null;
  },

  /** Before anything that people built on the operator would lose it. */
  async ask(handover) {
    showUndoing(handover);
    const { dependents } = await perform(
      handover,
      'look',
      'findDependents',
      'look for what was built on Flux Operator',
      stepInput(handover),
    );
    if (dependents.length > 0) return { findings: dependents, actions: ['retry', 'skip', 'abandon'] };
    handover.state.progress.dependentsSettled = true;
    return null;
  },

  async undo(handover) {
    const { progress, status } = handover.state;
    const { name, phase } = showUndoing(handover);
    const record = handover.state.record(phase);
    // Interrupted while it took the Lease or gave it back: nothing is written without it.
    if (progress.lease !== 'held') await beginRun(handover);
    const undone = await perform(handover, 'undo', name, `undo ${phase}`, phaseInput(handover, phase));
    Object.assign(record, {
      endedAt: new Date().toISOString(),
      commit: undone.commit,
      summary: `undone (${name}): ${undone.summary}`,
      evidence: undone.evidence,
    });
    progress.compensations.pop();
    progress.restored = false;
    if (status.back) handover.state.show({ back: { ...status.back, left: left(progress) } });
    return null;
  },

  /** Judged as preflight leaves a cluster: the baseline, with the legacy install in charge. */
  async judge(handover) {
    const { progress } = handover.state;
    const phase = phasesOf(progress.shape)?.[0];
    const verdict = phase ? await judgeByVerify(handover, phase) : null;
    if (verdict && !verdict.ok) return { findings: findingsOfChecks(verdict), actions: ['retry', 'abandon'] };
    progress.restored = true;
    return null;
  },

  async end(handover) {
    const { progress, watching } = handover.state;
    await watching?.stop();
    if (progress.lease !== 'none')
      await perform(handover, 'undo', 'endRun', 'release the Lease', stepInput(handover));
    progress.lease = 'none';
    return null;
  },
};

function showUndoing({ state }: Handover): Progress['compensations'][number] {
  const last = state.progress.compensations.at(-1);
  if (!last) throw new TypeError('nothing is left to undo');
  state.show({ state: 'rolling-back', phase: last.phase, gate: null, hold: null, until: null });
  state.record(last.phase);
  state.publish();
  return last;
}

/** What an earlier workflow has done belongs to the record of the run, and its commits into the commands that undo it by hand. */
function recordEarlier({ state }: Handover, { commits }: WayBackFound): void {
  for (const { phase, commit, at } of commits) {
    const record = state.record(phase);
    Object.assign(record, {
      startedAt: at,
      endedAt: at,
      commit,
      summary: 'done before, by an earlier workflow',
    });
  }
}

/** A person goes on without what is held; the judgement at the end still looks at everything else. */
function passOver(
  handover: Handover,
  { approver, reason = '', findings }: Awaited<ReturnType<typeof resolutionOf>>,
): void {
  const { state } = handover;
  const { progress, status } = state;
  const next = nextOf(progress);
  if (next === 'judge') return passOverLosses(handover, findings);
  if (next === 'ask') {
    progress.dependentsSettled = true;
    return;
  }
  const passed = progress.compensations.pop();
  if (!passed) return;
  progress.restored = false;
  Object.assign(state.record(passed.phase), {
    endedAt: new Date().toISOString(),
    summary: `not undone: ${passed.name} was passed over by ${approver}: ${reason}`,
  });
  if (status.back) state.show({ back: { ...status.back, left: left(progress) } });
}

/** Commands for the compensation that failed; empty where the install was not looked at by this run. */
function handWork({ input, cluster, state }: Handover): string[] {
  const { compensations, install, shape } = state.progress;
  const last = compensations.at(-1);
  if (!last || !install) return [];
  const { name, context, kubeconfig, namespace, branch } = cluster;
  const commits = Object.fromEntries(
    state.status.phases.flatMap(({ phase, commit, summary }) =>
      commit && !summary.startsWith('undone') ? [[phase, commit]] : [],
    ),
  );
  const where = { cluster: name, context, kubeconfig, namespace, branch, run: input.run };
  return byHand(last.name, { shape, ...where, ...install, commits });
}

function left({ compensations }: Progress): PhaseName[] {
  return compensations.map(({ phase }) => phase).toReversed();
}
