/** Turns what was found into what handover.yaml says: which URL, which clone, which key, in which order. */
import { sameRepository } from '../plan/source.ts';
import { gitUrl } from './clusters.ts';
import { dnsName } from './name.ts';
import type { RepositoryReading } from './read-clusters.ts';
import type { TriedCluster } from './trial.ts';

export interface Proposal {
  fleet: string;
  url: string;
  /** Why this one, in words for a comment. */
  urlReason: string;
  /** The clone that `plan` may read, absolute; null where there is none. */
  checkout: string | null;
  /** A key is proposed only where Git itself is set up with one. */
  signing: { format: 'ssh' | 'openpgp'; key: string } | null;
  /** A cluster's source asks for signed commits. */
  signedCommits: boolean;
  clusters: TriedCluster[];
}

export async function propose(
  { checkout, url: known, name }: RepositoryReading,
  clusters: TriedCluster[],
): Promise<Proposal> {
  const { url, reason } = chooseUrl(known, clusters, checkout?.directory ?? null);
  return {
    fleet: dnsName(name),
    url,
    urlReason: reason,
    // A clone of another repository says nothing about what the clusters see.
    checkout:
      checkout && checkout.directory !== url && (known === null || sameRepository(known, url))
        ? checkout.directory
        : null,
    signing: checkout ? await signingKey((setting) => checkout.setting(setting)) : null,
    signedCommits: clusters.some(({ signed }) => signed),
    clusters,
  };
}

/** What the clusters read is what counts; how a person reaches it is taken from the clone, if it is the same repository. */
function chooseUrl(
  known: string | null,
  clusters: TriedCluster[],
  folder: string | null,
): { url: string; reason: string } {
  const reader = clusters.find((cluster) => gitUrl(cluster) !== null);
  const theirs = reader ? gitUrl(reader) : null;
  const { source } = reader ?? {};
  const evidence = source ? `${source.kind} ${source.name}, ${source.where.file}:${source.where.line}` : '';
  if (theirs === null || theirs === '' || /\$\{|\{\{/.test(theirs))
    return {
      url: known ?? folder ?? '',
      reason:
        known === null
          ? 'The clone has no remote and no source in it says what the clusters read: write the URL here before you start'
          : 'No source in the repository says in plain words what the clusters read; this is where it was read from',
    };
  if (known !== null && sameRepository(known, theirs))
    return { url: known, reason: `What the clusters read (${evidence}), and where the commits are pushed` };
  return {
    url: theirs,
    reason: `What the clusters read (${evidence}), and where the commits are pushed${known === null ? '' : `; it was read from ${known}, which is another repository`}`,
  };
}

/** The key that Git signs with there, if it is one that handover.yaml can name: a private key's file, or a GPG key's id. */
async function signingKey(setting: (name: string) => Promise<string | null>): Promise<Proposal['signing']> {
  const key = await setting('user.signingkey');
  if (key === null) return null;
  if ((await setting('gpg.format')) === 'ssh')
    return /^(~?\/|[A-Za-z]:)/.test(key) ? { format: 'ssh', key: key.replace(/\.pub$/, '') } : null;
  return { format: 'openpgp', key };
}
