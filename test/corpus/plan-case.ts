/** Plans every cluster of a case from a real Git repository; each case is planned once. */
import { rmSync } from 'node:fs';
import { kubectlBuild } from '../../src/repo/kustomize-program.ts';
import { makeClusterPlan } from '../../src/plan/make-plan.ts';
import type { ClusterPlan } from '../../src/plan/types.ts';
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
  const { directory, trees } = await gitRepository(branches, history);
  const build = await builder;
  const plans = new Map<string, ClusterPlan>();
  for (const cluster of loaded.config.clusters) {
    const tree = trees.get(cluster.branch);
    if (!tree) throw new Error(`${loaded.name} has no branch ${cluster.branch}`);
    plans.set(cluster.name, await makeClusterPlan({ tree, config: loaded.config, cluster, build }));
  }
  rmSync(directory, { recursive: true });
  return { case: loaded, plans };
}
