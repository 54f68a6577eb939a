/** Finds the steps of runs on a branch by their trailers: what was committed, and what was undone again. */
import { GitFailed } from './errors.ts';
import { lastWords } from './git.ts';
import type { Repository } from './repository.ts';

export const runTrailer = 'Handover-Run';
/** Clusters may share a branch: without it the steps of one would pass for those of another. */
export const clusterTrailer = 'Handover-Cluster';
export const stepTrailer = 'Handover-Step';

/** A commit of ours. Compensations are steps named `undo-<phase>`. */
export interface CommittedStep {
  run: string;
  step: string;
  commit: string;
  /** When it was committed, ISO time. */
  at: string;
  /** A later commit of the run undid it. */
  undone: boolean;
}

/** Whose steps. */
export interface StepsOf {
  run: string;
  cluster: string;
}

/**
 * The steps of a run for a cluster, oldest first, as of the last fetch.
 * @throws BranchNotFound
 */
export async function stepState(
  repository: Repository,
  branch: string,
  { run, cluster }: StepsOf,
): Promise<CommittedStep[]> {
  const steps = await read(repository, branch, cluster, `${runTrailer}: ${run}`);
  return steps.filter((step) => step.run === run);
}

/** The steps of every run for a cluster, oldest first, as of the last fetch. @throws BranchNotFound */
export function stepsOfRuns(
  repository: Repository,
  branch: string,
  cluster: string,
): Promise<CommittedStep[]> {
  return read(repository, branch, cluster, `${runTrailer}: `);
}

async function read(
  repository: Repository,
  branch: string,
  cluster: string,
  pattern: string,
): Promise<CommittedStep[]> {
  const head = await repository.head(branch);
  const trailer = (key: string): string => `%(trailers:key=${key},valueonly,separator=%x2C)`;
  const outcome = await repository.attempt([
    'log',
    '--reverse',
    '--topo-order',
    '--fixed-strings',
    `--grep=${pattern}`,
    `--format=%H%x00${trailer(runTrailer)}%x00${trailer(clusterTrailer)}%x00${trailer(stepTrailer)}%x00%cI`,
    head,
    '--',
  ]);
  if (!outcome.ok) throw new GitFailed('log', lastWords(outcome.stderr));
  const steps: CommittedStep[] = [];
  for (const line of outcome.stdout.split('\n')) {
    const [commit, run, ofCluster, step, at] = line.split('\0');
    if (!commit || !run || !step || !at || (ofCluster && ofCluster !== cluster)) continue;
    const ofRun = steps.filter((earlier) => earlier.run === run);
    const undoes = /^undo-(.+)$/.exec(step)?.[1];
    for (const earlier of ofRun) if (earlier.step === undoes) earlier.undone = true;
    // Doing a step again starts it afresh, and so makes its earlier compensation a thing of the past.
    for (const earlier of ofRun) if (earlier.step === `undo-${step}`) earlier.undone = true;
    steps.push({ run, step, commit, at: new Date(at).toISOString(), undone: false });
  }
  return steps;
}

/** The newest commit of a step that nothing undid later, or null. */
export async function findStep(
  repository: Repository,
  branch: string,
  of: StepsOf,
  step: string,
): Promise<string | null> {
  const steps = await stepState(repository, branch, of);
  return steps.findLast((candidate) => candidate.step === step && !candidate.undone)?.commit ?? null;
}
