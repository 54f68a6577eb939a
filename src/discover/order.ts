/** Names clusters by their folders and branches, and puts them in order: what may break first, what must not break last. */
import { dnsName } from './name.ts';

/** Path elements that say nothing about which cluster it is. */
const generic =
  /^(kubernetes|k8s|k3s|talos|clusters?|flux|flux-system|fleet|gitops|infra(structure)?|environments?|envs?|deploy(ments?)?|manifests|apps|base|bootstrap|config|src|overlays)$/i;
const trunk = /^(main|master|trunk|head)$/;

export interface Nameable {
  /** Folder by which it was found. */
  core: string;
  branch: string;
}

/** One name each, in the same order; what tells them apart decides: folder, else branch, else the repository. */
export function nameClusters(clusters: Nameable[], repository: string): string[] {
  const names = clusters.map(({ core, branch }) => {
    const telling = core.split('/').filter((element) => element !== '' && !generic.test(element));
    const elsewhere = clusters.some((other) => other.core === core && other.branch !== branch);
    if (elsewhere) return dnsName(branch);
    return dnsName(telling.at(-1) ?? (trunk.test(branch) ? repository : branch));
  });
  return names.map((name, index) => {
    const same = names.filter((other) => other === name).length;
    if (same === 1) return name;
    const { core, branch } = clusters[index] ?? { core: '', branch: '' };
    const ownFolder = clusters.filter((other) => other.core === core).length === 1;
    const longer = dnsName(ownFolder ? core : `${core}-${branch}`);
    return names.includes(longer) ? `${longer}-${index + 1}` : longer;
  });
}

const word = (words: string): RegExp => new RegExp(`(^|[-_/.])(${words})([-_/.\\d]|$)`, 'i');

/** The first that fits decides: `non-prod` is no production, `prod-test` is. */
const ranks: [RegExp, number][] = [
  [word('non-?prod(uction)?'), 0],
  [word('pre-?prod(uction)?'), 1],
  [word('prod(uction)?|prd|live|main|master|primary'), 3],
  [word('sandbox|playground|scratch|lab|test(ing)?|dev(el(opment)?)?|canary|edge'), 0],
  [word('stag(e|ing)|stg|qa|uat|int(egration)?|acc(eptance)?|preview|demo'), 1],
];

/** 0 for what is there to be broken, 3 for what people live on, 2 where the names do not tell. */
export function importance(name: string, path: string, branch: string): number {
  for (const text of [name, path]) {
    const rank = ranks.find(([pattern]) => pattern.test(text));
    if (rank) return rank[1];
  }
  // Every repository has a trunk: that it is called main says nothing.
  return trunk.test(branch) ? 2 : (ranks.find(([pattern]) => pattern.test(branch))?.[1] ?? 2);
}

export interface Orderable {
  name: string;
  path: string;
  branch: string;
  /** Kustomizations that hang on it. */
  size: number;
}

export function inOrder<Cluster extends Orderable>(clusters: Cluster[]): Cluster[] {
  const rank = ({ name, path, branch }: Cluster): number => importance(name, path, branch);
  return clusters.toSorted(
    (left, right) => rank(left) - rank(right) || left.size - right.size || (left.name < right.name ? -1 : 1),
  );
}
