/** Opens the repository of a handover.yaml, reads each cluster's branch and plans: the one place where planning meets I/O. */
import type { HandoverConfig } from '../config/schema.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { kubectlBuild, type KustomizeBuild } from '../repo/kustomize-program.ts';
import { openRepository, type Repository } from '../repo/repository.ts';
import type { Tree } from '../repo/tree.ts';
import { makePlan } from './make-plan.ts';
import type { Plan } from './types.ts';

export interface PlanReading {
  plan: Plan;
  repository: Repository;
  /** By branch. */
  trees: Map<string, Tree>;
}

/**
 * @param options.only plan this one cluster
 * @param options.build default: the `kubectl` on the PATH
 * @throws BuilderMissing; RepositoryError (GitUnreachable, GitForbidden, BranchNotFound, …)
 */
export async function readPlan(
  config: HandoverConfig,
  options: {
    cacheDirectory?: string;
    only?: string;
    repository?: Repository;
    build?: KustomizeBuild;
  } = {},
): Promise<PlanReading> {
  const build = options.build ?? (await kubectlBuild());
  const clusters = config.clusters.filter(({ name }) => options.only === undefined || name === options.only);
  const repository =
    options.repository ??
    (await openRepository({
      url: config.repository.url,
      credentials: config.repository.credentials,
      cacheDirectory: options.cacheDirectory,
    }));
  const trees = new Map<string, Tree>();
  for (const branch of new Set(clusters.map((cluster) => cluster.branch))) {
    const folders = clusters
      .filter((cluster) => cluster.branch === branch)
      .map(({ path }) => folderPath(path));
    trees.set(branch, await repository.tree(await repository.head(branch), folders));
  }
  return { plan: await makePlan({ ...config, clusters }, trees, build), repository, trees };
}
