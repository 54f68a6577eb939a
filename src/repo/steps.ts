/** Finds the steps of a run on a branch by their trailers: what was committed, and what was undone again. */
import { GitFailed } from './errors.ts';
import { lastWords } from './git.ts';
import type { Repository } from './repository.ts';

export const runTrailer = 'Handover-Run';
export const stepTrailer = 'Handover-Step';

/** A commit of ours. Compensations are steps named `undo-<phase>`. */
export interface CommittedStep {
  step: string;
  commit: string;
  /** A later commit of the run undid it. */
  undone: boolean;
}

/**
 * The steps of a run on a branch, oldest first, as of the last fetch.
 * @throws BranchNotFound
 */
export async function stepState(
  repository: Repository,
  branch: string,
  run: string,
): Promise<CommittedStep[]> {
  const head = await repository.head(branch);
  const outcome = await repository.attempt([
    'log',
    '--reverse',
    '--topo-order',
    '--fixed-strings',
    `--grep=${runTrailer}: ${run}`,
    `--format=%H%x00%(trailers:key=${runTrailer},valueonly,separator=%x2C)%x00%(trailers:key=${stepTrailer},valueonly,separator=%x2C)`,
    head,
    '--',
  ]);
  if (!outcome.ok) throw new GitFailed('log', lastWords(outcome.stderr));
  const steps: CommittedStep[] = [];
  for (const line of outcome.stdout.split('\n')) {
    const [commit, ofRun, step] = line.split('\0');
    if (!commit || ofRun !== run || !step) continue;
    const undoes = /^undo-(.+)$/.exec(step)?.[1];
    for (const earlier of steps) if (earlier.step === undoes) earlier.undone = true;
    // Doing a step again starts it afresh, and so makes its earlier compensation a thing of the past.
    for (const earlier of steps) if (earlier.step === `undo-${step}`) earlier.undone = true;
    steps.push({ step, commit, undone: false });
  }
  return steps;
}

/** The newest commit of a step that nothing undid later, or null. */
export async function findStep(
  repository: Repository,
  branch: string,
  run: string,
  step: string,
): Promise<string | null> {
  const steps = await stepState(repository, branch, run);
  return steps.findLast((candidate) => candidate.step === step && !candidate.undone)?.commit ?? null;
}
