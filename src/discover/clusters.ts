/** Finds the clusters of a repository over all its branches: each at the branch that its source follows. */
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import { describeSource, sameRepository } from '../plan/source.ts';
import type { Place, PlannedSource } from '../plan/types.ts';
import { inOrder, nameClusters } from './order.ts';
import { folderOf, readWiring, type InstallMark, type Wiring } from './wiring.ts';
import { findZones, type Zone } from './zones.ts';

export interface FoundCluster {
  name: string;
  branch: string;
  /** Folder in the repository; `.` for all of it. */
  path: string;
  namespace: string;
  /** Null where no source stands in Git. */
  source: PlannedSource | null;
  installs: InstallMark[];
  /** Kustomizations that read its source. */
  size: number;
}

export interface LeftOut {
  branch: string;
  path: string;
  why: string;
  where: Place | null;
}

export interface Discovery {
  /** In the order in which they should move. */
  clusters: FoundCluster[];
  /** What looks like a cluster and is none, or not one of this repository. */
  leftOut: LeftOut[];
  /** Installs of Flux that belong to no one cluster. */
  outside: (InstallMark & { branch: string })[];
}

export interface DiscoveryRequest {
  /** By branch, the repository's main one first. */
  trees: ReadonlyMap<string, Tree>;
  /** Every branch there is, also those that were not read. */
  branches: string[];
  /** By which this repository is known: its remotes, or the URL that was given. */
  urls: string[];
  /** What the repository is called. */
  repository: string;
}

type Candidate = { zone: Zone; branch: string };

export function findClusters({ trees, branches, urls, repository }: DiscoveryRequest): Discovery {
  const leftOut: LeftOut[] = [];
  const outside: Discovery['outside'] = [];
  const wirings = [...trees].map(([branch, tree]) => [branch, readWiring(tree, urls)] as const);
  const candidates: Candidate[] = [];
  const stale: Candidate[] = [];
  for (const [branch, wiring] of wirings) {
    const found = findZones(wiring);
    outside.push(...found.outside.map((install) => ({ ...install, branch })));
    for (const zone of found.zones) {
      const followed = zone.source ? branchOf(zone) : null;
      const isHere = followed === null ? branch === mainOf(trees) : followed === branch;
      // Where the branch is not known (a tag, a range, a variable, a branch that is gone), the main one stands for it.
      const isUnknown = followed !== null && !branches.includes(followed) && branch === mainOf(trees);
      (isHere || isUnknown ? candidates : stale).push({ zone, branch });
    }
  }
  leftOut.push(...placeholders(wirings, candidates));
  for (const { zone, branch } of stale) {
    const followed = zone.source ? branchOf(zone) : mainOf(trees);
    if (candidates.some((other) => other.branch === followed && other.zone.core === zone.core)) continue;
    // Branches of work in progress hold copies of everything; only what is found nowhere else is worth a word.
    if (branch !== mainOf(trees) || !zone.source) continue;
    leftOut.push({
      branch,
      path: zone.folder || '.',
      why: `its source follows the branch ${followed ?? ''}, which does not hold this folder`,
      where: zone.source.place('spec', 'ref'),
    });
  }
  const named = nameClusters(
    candidates.map(({ zone, branch }) => ({ core: zone.core, branch })),
    repository,
  );
  const clusters = candidates.map(({ zone, branch }, index) =>
    describe(zone, branch, named[index] ?? repository),
  );
  return { ...ofOneRepository(inOrder(clusters), urls, leftOut), outside };
}

/** Folders whose gotk files hold comments alone: made from a template, where `flux bootstrap` never ran. */
function placeholders(
  wirings: (readonly [branch: string, wiring: Wiring])[],
  candidates: Candidate[],
): LeftOut[] {
  const [[branch, main] = []] = wirings;
  const files = main?.evidence.gotkFiles.filter(({ placeholder }) => placeholder) ?? [];
  const folders = [...new Set(files.map(({ file }) => folderOf(folderOf(file))))];
  return folders
    .filter((folder) => !candidates.some(({ zone }) => isBelow(folder, zone.folder)))
    .map((folder) => ({
      branch: branch ?? '',
      path: folder || '.',
      why: 'its gotk files hold comments alone: flux bootstrap has not written them, so what runs there is not in Git',
      where: { file: files.find(({ file }) => isBelow(file, folder))?.file ?? folder, line: 1 },
    }));
}

/** One handover.yaml is about one repository: the one that was named, else the one that most clusters read. */
function ofOneRepository(
  clusters: FoundCluster[],
  urls: string[],
  leftOut: LeftOut[],
): Pick<Discovery, 'clusters' | 'leftOut'> {
  const votes = (url: string): number =>
    clusters.filter((cluster) => sameRepository(gitUrl(cluster) ?? '', url)).length +
    (urls.some((own) => sameRepository(own, url)) ? clusters.length : 0);
  const best = clusters
    .flatMap((cluster) => gitUrl(cluster) ?? [])
    .toSorted((left, right) => votes(right) - votes(left))[0];
  const isOurs = (cluster: FoundCluster): boolean => {
    const url = gitUrl(cluster);
    return url === null || best === undefined || sameRepository(url, best);
  };
  return {
    clusters: clusters.filter(isOurs),
    leftOut: [
      ...leftOut,
      ...clusters
        .filter((cluster) => !isOurs(cluster))
        .map(({ branch, path, source }) => ({
          branch,
          path,
          why: `it reads another repository, ${source?.url ?? ''}: plan it with a handover.yaml of its own`,
          where: source?.where ?? null,
        })),
    ],
  };
}

/** What a cluster reads by Git; an OCIRepository or a Bucket says nothing about the repository behind it. */
export function gitUrl({ source }: FoundCluster): string | null {
  return source?.kind === 'GitRepository' ? source.url : null;
}

function mainOf(trees: ReadonlyMap<string, Tree>): string {
  return [...trees.keys()][0] ?? '';
}

/** The branch that a zone's source follows, `''` where it follows none by name. */
function branchOf({ source }: Zone): string {
  if (source?.kind !== 'GitRepository') return '';
  const { ref } = describeSource(source, '');
  return ref.includes(' ') ? '' : ref;
}

function describe(zone: Zone, branch: string, name: string): FoundCluster {
  const namespace = zone.source?.namespace || zone.root?.namespace || 'flux-system';
  return {
    name,
    branch,
    path: zone.folder || '.',
    namespace,
    source: zone.source ? describeSource(zone.source, namespace) : null,
    installs: zone.installs,
    size: zone.members.length,
  };
}
