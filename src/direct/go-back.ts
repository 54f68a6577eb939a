/** The way back of one cluster in one process: what is due in reverse, then the judgement, then the Lease. Safe to run again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, FailureType, Finding } from '../activities/contract.ts';
import { failure } from '../activities/failure.ts';
import { findingsIn, refusal } from '../activities/finding.ts';
import type { RunRecord } from '../activities/run-record.ts';
import { takesOperator } from '../plan/phases.ts';
import type { DueStep, Standing } from '../activities/standing/standing.ts';
import type { Driver } from './driver.ts';

/** How a rollback ended; only `legacy` is the end of it. */
export type Ending =
  | { ended: 'legacy'; checks: Check[] }
  /** Undone, but the cluster is not what it was. */
  | { ended: 'unlike'; checks: Check[] }
  /** Git is away: the urgent part is done. */
  | { ended: 'waits-for-git'; trouble: Finding; left: DueStep[] };

export interface Told {
  begins(what: string): void;
  done(summary: string): void;
  again(why: string, seconds: number): void;
}

export interface GoBackOptions {
  /** What people have built on Flux Operator stays behind, without asking. */
  leaveBehind?: boolean | undefined;
}

/** Milliseconds before each further attempt; what passes by itself has passed by then. */
const pauses = [2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * @param from where the cluster stood; its misfits are none
 * @throws failures of the contract that need a person; run again, it goes on from there
 */
export async function goBack(
  driver: Driver,
  from: Standing,
  told: Told,
  signal: AbortSignal,
  { leaveBehind = false }: GoBackOptions = {},
): Promise<Ending> {
  const { record } = from;
  const input = record ? driver.input(record) : null;
  if (!record || !input) return releaseOnly(driver, from);
  await driver.takeOver(input, from.lease);
  if (!from.gitAnswers) return rescued(driver, record, from.due, from, told);
  let asked = leaveBehind;
  for (const [index, step] of from.due.entries()) {
    if (takesOperator.has(step.name) && !asked) {
      told.begins('look for what was built on Flux Operator');
      const { dependents } = await patiently(() => driver.activities.findDependents(input), told, signal);
      if (dependents.length > 0) throw failure('Refused', dependents.map(inThisProcess));
      told.done('nothing was');
      asked = true;
    }
    told.begins(`undo ${step.phase}`);
    try {
      const { summary } = await patiently(
        () => driver.activities[step.name]({ ...input, phase: step.phase, passedOver: [] }),
        told,
        signal,
      );
      told.done(summary);
    } catch (error) {
      if (!isGitAway(error)) throw error;
      return rescued(driver, record, from.due.slice(index), from, told, findingsIn(error)[0]);
    }
  }
  told.begins('compare with the baseline');
  const verdict = await patiently(
    () => driver.activities.verify({ ...input, phase: 'preflight', passedOver: [], shown: [] }),
    told,
    signal,
  );
  const held = verdict.checks.filter(({ ok }) => ok).length;
  told.done(`${held} of ${verdict.checks.length} checks hold`);
  if (!verdict.ok) return { ended: 'unlike', checks: verdict.checks };
  told.begins('release the Lease');
  told.done((await driver.activities.endRun(input)).summary);
  return { ended: 'legacy', checks: verdict.checks };
}

/** What a workflow would hold with, in the words of this command. */
function inThisProcess(finding: Finding): Finding {
  return {
    ...finding,
    mend: `${finding.mend} (here: the same command again); or leave it as it is: --leave-behind`,
  };
}

/** A run that took the Lease and left no more than that. */
async function releaseOnly(driver: Driver, { lease, cluster, run }: Standing): Promise<Ending> {
  throw failure('Refused', [
    refusal(
      'nothing-recorded',
      `run ${lease?.run ?? run ?? ''} holds the Lease of ${cluster}, and left neither a baseline nor commits`,
      `it began nothing, so there is nothing to undo`,
      'free the cluster with: flux-handover start --take-over, or remove the Lease flux-handover',
    ),
  ]);
}

async function rescued(
  driver: Driver,
  record: RunRecord,
  left: DueStep[],
  { due }: Standing,
  told: Told,
  trouble?: Finding,
): Promise<Ending> {
  told.begins('the urgent part, without Git');
  told.done(
    (
      await driver.rescue(
        record,
        due.some(({ phase }) => phase === 'retire'),
      )
    ).summary,
  );
  return {
    ended: 'waits-for-git',
    left,
    trouble:
      trouble ??
      refusal(
        'git-unreachable',
        'the Git repository does not answer',
        'the rest of the way back is commits',
        'bring it back, then run the same command again',
      ),
  };
}

/** Repeats what passes by itself, as the workflow would. */
async function patiently<Result>(
  work: () => Promise<Result>,
  told: Told,
  signal: AbortSignal,
): Promise<Result> {
  for (const [attempt, wait] of pauses.entries()) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const type = typeOf(error);
      if (type !== 'NotYet' && type !== 'Unreachable') throw error;
      // What is urgent does not wait for a Git that is away.
      if (isGitAway(error) && attempt > 0) throw error;
      told.again(findingsIn(error)[0]?.what ?? (error as Error).message, wait / 1000);
      await pause(wait, undefined, { signal });
    }
  }
  return work();
}

function typeOf(error: unknown): FailureType | undefined {
  return (error as { type?: FailureType }).type;
}

function isGitAway(error: unknown): boolean {
  return typeOf(error) === 'Unreachable' && findingsIn(error).some(({ id }) => id === 'git-unreachable');
}
