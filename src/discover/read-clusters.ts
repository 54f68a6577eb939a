/** Reads a repository for discovery: the branches that hold a cluster, and what its clone knows. Neither a cluster nor Temporal is needed. */
import { localFolder, openCheckout, type Checkout } from '../repo/checkout.ts';
import { NoRepository } from '../repo/errors.ts';
import type { ReadableRepository } from '../repo/readable-repository.ts';
import { openRepository } from '../repo/repository.ts';
import type { Tree } from '../repo/tree.ts';
import { findClusters, type Discovery } from './clusters.ts';
import { repositoryName } from './name.ts';
import { tryPlans, type TriedCluster } from './trial.ts';

export interface RepositoryReading {
  discovery: Omit<Discovery, 'clusters'>;
  clusters: TriedCluster[];
  /** The clone that was read; null where a URL was given. */
  checkout: Checkout | null;
  /** URL that was given, or the clone's origin. */
  url: string | null;
  /** What the repository is called. */
  name: string;
  branches: { read: string[]; all: number };
}

/**
 * @param address a folder or a Git URL
 * @throws NoRepository, GitUnreachable, GitForbidden
 */
export async function readClusters(
  address: string,
  options: { cacheDirectory?: string } = {},
): Promise<RepositoryReading> {
  const folder = localFolder(address);
  const checkout = folder === null ? null : await openCheckout(folder);
  const repository: ReadableRepository =
    checkout ?? (await openRepository({ url: address, cacheDirectory: options.cacheDirectory }));
  const branches = await repository.branches();
  if (branches.length === 0) throw new NoRepository(address, 'it has no commit yet');
  const url = checkout ? checkout.origin : address;
  const name = repositoryName(url ?? checkout?.directory ?? address);
  const trees = await clusterTrees(repository, branches);
  const urls = url === null ? [] : [url];
  const { clusters, ...discovery } = findClusters({ trees, branches, urls, repository: name });
  const tried = await tryPlans(clusters, trees, url);
  return {
    discovery: { ...discovery, leftOut: [...discovery.leftOut, ...tried.leftOut] },
    clusters: tried.clusters,
    checkout,
    url,
    name,
    branches: { read: [...trees.keys()], all: branches.length },
  };
}

/** The main branch, and every other whose YAML names itself: a cluster's source says which branch it follows. */
async function clusterTrees(repository: ReadableRepository, branches: string[]): Promise<Map<string, Tree>> {
  const named = await repository.mainBranch();
  const main =
    [named, 'main', 'master'].find((branch) => branch !== null && branches.includes(branch)) ??
    branches[0] ??
    '';
  const trees = new Map<string, Tree>();
  const byCommit = new Map<string, Tree>();
  for (const branch of [main, ...branches.filter((each) => each !== main)]) {
    const commit = await repository.head(branch);
    if (branch !== main && !(await repository.hasText(commit, follows(branch)))) continue;
    const tree = byCommit.get(commit) ?? (await repository.tree(commit));
    byCommit.set(commit, tree);
    trees.set(branch, tree);
  }
  return trees;
}

/** A `ref` that names the branch; one without any means master. */
function follows(branch: string): string {
  const escaped = branch.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const reference = `(branch"?:|refs/heads/)[[:space:]"']*${escaped}["',}[:space:]]*(#.*)?$`;
  return branch === 'master' ? `${reference}|kind"?:[[:space:]]*"?GitRepository` : reference;
}
