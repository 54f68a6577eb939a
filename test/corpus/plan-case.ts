/** Plans every cluster of a case from a real Git repository; each case is planned once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlBuild } from '../../src/repo/kustomize-program.ts';
import { makeClusterPlan } from '../../src/plan/make-plan.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import type { ClusterPlan } from '../../src/plan/types.ts';
import { openRepository } from '../../src/repo/repository.ts';
import { loadCase, type Case, type RepoFiles } from './case.ts';
import { gitRepository } from './git-repository.ts';

export interface PlannedCase {
  case: Case;
  /** By cluster. */
  plans: Map<string, ClusterPlan>;
}

const builder = kubectlBuild();
const planned = new Map<string, Promise<PlannedCase>>();

export function planCase(name: string): Promise<PlannedCase> {
  let known = planned.get(name);
  if (!known) planned.set(name, (known = planAgain(loadCase(name))));
  return known;
}

/** @param branches other files than the case's own; @param history commits that come before */
export async function planAgain(
  loaded: Case,
  branches: ReadonlyMap<string, RepoFiles> = loaded.branches,
  history = 0,
): Promise<PlannedCase> {
  const { directory, trees } = await gitRepository(branches, history, loaded.work);
  const build = await builder;
  const plans = new Map<string, ClusterPlan>();
  if (loaded.work.length > 0) {
    const repository = await openRepository({
      url: directory,
      cacheDirectory: mkdtempSync(join(tmpdir(), 'corpus-mirror-')),
    });
    const { plan } = await readPlan(loaded.config, { repository, build });
    for (const cluster of plan.clusters) plans.set(cluster.name, cluster);
    rmSync(repository.directory, { recursive: true });
  } else
    for (const cluster of loaded.config.clusters) {
      const tree = trees.get(cluster.branch);
      if (!tree) throw new Error(`${loaded.name} has no branch ${cluster.branch}`);
      plans.set(cluster.name, await makeClusterPlan({ tree, config: loaded.config, cluster, build }));
    }
  rmSync(directory, { recursive: true });
  return { case: loaded, plans };
}
