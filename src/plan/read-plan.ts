/** Opens the repository of a handover.yaml, reads each cluster's branch and plans: the one place where planning meets I/O. */
import type { HandoverConfig } from '../config/schema.ts';
import { localFolder, openCheckout, type Checkout } from '../repo/checkout.ts';
import type { ReadableRepository } from '../repo/readable-repository.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { kubectlBuild, type KustomizeBuild } from '../repo/kustomize-program.ts';
import { openRepository } from '../repo/repository.ts';
import { recentWork, workOnBranch } from '../repo/work.ts';
import type { Tree } from '../repo/tree.ts';
import { checkoutHazards } from './checkout-hazards.ts';
import { note } from './hazard.ts';
import { makePlan } from './make-plan.ts';
import type { ClusterPlan, Hazard, Plan } from './types.ts';
import { workHazards } from './work-in-flight.ts';

export interface PlanReading {
  plan: Plan;
  /** By branch. */
  trees: Map<string, Tree>;
}

/**
 * @param options.only plan this one cluster
 * @param options.checkout read repository.checkout (or a url that is a folder) where it lies, and say what differs from its remote
 * @param options.build default: the `kubectl` on the PATH
 * @throws BuilderMissing; RepositoryError (GitUnreachable, GitForbidden, BranchNotFound, …)
 */
export async function readPlan(
  config: HandoverConfig,
  options: {
    cacheDirectory?: string;
    only?: string;
    repository?: ReadableRepository;
    checkout?: boolean;
    build?: KustomizeBuild;
  } = {},
): Promise<PlanReading> {
  const build = options.build ?? (await kubectlBuild());
  const clusters = config.clusters.filter(({ name }) => options.only === undefined || name === options.only);
  const folder = options.checkout ? checkoutFolder(config) : null;
  const checkout = folder === null ? null : await openCheckout(folder);
  const repository =
    options.repository ??
    checkout ??
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
  const planned = {
    ...config,
    clusters,
    repository: { ...config.repository, url: planUrl(config, checkout) },
  };
  const plan = await makePlan(planned, trees, build);
  for (const cluster of plan.clusters)
    cluster.hazards.push(...(await othersWork(repository, config, cluster)));
  if (checkout)
    for (const cluster of plan.clusters)
      cluster.hazards.push(...(await checkoutHazards(checkout, cluster, clusters, config.repository.url)));
  return { plan, trees };
}

/** Other people's work, told beside the plan and no part of its digest: they may go on working while a handover runs. */
async function othersWork(
  repository: ReadableRepository,
  { repository: { watchBranches, recentDays }, clusters }: HandoverConfig,
  plan: ClusterPlan,
): Promise<Hazard[]> {
  const own = clusters.find(({ name }) => name === plan.name)?.path ?? '';
  const folders = [own, ...plan.roots.map(({ path }) => path)]
    .map(folderPath)
    .filter((path) => !path.includes('$'));
  const where = folders.includes('') ? ['.'] : [...new Set(folders)];
  const known = new Set(await repository.branches());
  const open = await Promise.all(
    watchBranches
      .filter((branch) => known.has(branch) && branch !== plan.branch)
      .map(async (branch) =>
        workOnBranch(
          repository.directory,
          plan.commit,
          { branch, head: await repository.head(branch) },
          where,
        ),
      ),
  );
  const gone = watchBranches
    .filter((branch) => !known.has(branch))
    .map((branch) =>
      note('work-in-flight', null, {
        what: `There is no branch ${branch}, which repository.watchBranches names`,
        why: 'It may have been merged, or its name is misspelt and nobody watches it',
        mend: 'Remove it from repository.watchBranches, or correct it',
      }),
    );
  const recent = await recentWork(repository.directory, plan.commit, recentDays, where);
  return [...workHazards(plan, [...open.filter((work) => work !== null), ...recent]), ...gone];
}

/** The clone that `plan` reads: the one named, or the folder that the url itself is. */
function checkoutFolder({ repository }: HandoverConfig): string | null {
  return repository.checkout ?? localFolder(repository.url);
}

/** Where the url is a folder, what the clusters read is compared with the folder's own remote. */
function planUrl({ repository }: HandoverConfig, checkout: Checkout | null): string {
  return localFolder(repository.url) === null ? repository.url : (checkout?.origin ?? repository.url);
}
