/** A clone on this machine, read where it lies: its branches at their commits, what is not committed, its remotes. Nothing is written, fetched or checked out. */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BranchNotFound, NoRepository } from './errors.ts';
import { lastWords, safeUrl, tryGit } from './git.ts';
import { snapshot } from './snapshot.ts';
import type { ReadableRepository } from './readable-repository.ts';

export interface Checkout extends ReadableRepository {
  /** Top of the working copy, or the bare repository. */
  readonly directory: string;
  /** The branch that is checked out; null where none is. */
  readonly current: string | null;
  /** URL of `origin` (else of the only remote), without user and password; null without remotes. */
  readonly origin: string | null;
  /** Files that differ from the last commit of the current branch, untracked ones included. */
  readonly uncommitted: string[];
  /** How a local branch stands to its counterpart on the remote, where both exist and differ. */
  comparison(branch: string): Promise<{ ahead: number; behind: number } | null>;
  /** One of Git's settings as seen there; null where it is not set. */
  setting(name: string): Promise<string | null>;
}

/** The folder that a repository's address means, when it means one on this machine. */
export function localFolder(address: string): string | null {
  if (address.startsWith('file://')) return fileURLToPath(address);
  if (/^\w[\w+.-]*:\/\//.test(address)) return null;
  const folder = resolve(address);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  // `host:path` is how SSH is written; a folder of that name is meant only when it is there.
  return isFolder || isAbsolute(address) || /^\.{1,2}(\/|$)/.test(address) ? folder : null;
}

/** @throws NoRepository */
export async function openCheckout(folder: string): Promise<Checkout> {
  const git = async (args: string[]): Promise<string | null> => {
    // Reading takes no locks: somebody else may be at work there.
    const outcome = await tryGit(['--no-optional-locks', ...args], { cwd: folder });
    return outcome.ok ? outcome.stdout : null;
  };
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new NoRepository(folder, 'there is no such folder');
  const isBare = await tryGit(['rev-parse', '--is-bare-repository'], { cwd: folder });
  if (!isBare.ok) throw new NoRepository(folder, lastWords(isBare.stderr));
  const bare = isBare.stdout === 'true';
  const directory = bare ? folder : ((await git(['rev-parse', '--show-toplevel'])) ?? folder);
  const status = bare ? '' : ((await git(['-C', directory, 'status', '--porcelain=v1', '-z'])) ?? '');
  const remotes = ((await git(['remote'])) ?? '').split('\n').filter(Boolean);
  const remote = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? (remotes[0] ?? null) : null;
  const url = remote === null ? null : await git(['config', '--get', `remote.${remote}.url`]);
  const commitOf = async (reference: string): Promise<string | null> =>
    git(['rev-parse', '--verify', '--quiet', `${reference}^{commit}`]);
  const local = (branch: string): string => `refs/heads/${branch}`;
  const tracked = (branch: string): string => `refs/remotes/${remote ?? ''}/${branch}`;
  const names = async (prefix: string, depth: number): Promise<string[]> =>
    ((await git(['for-each-ref', `--format=%(refname:lstrip=${depth})`, prefix])) ?? '')
      .split('\n')
      .filter((name) => name !== '' && name !== 'HEAD');

  const checkout: Checkout = {
    directory,
    current: await git(['symbolic-ref', '--quiet', '--short', 'HEAD']),
    origin: url === null ? null : withoutSecret(url),
    uncommitted: changedPaths(status),
    async branches() {
      const remotely = remote === null ? [] : await names(`refs/remotes/${remote}`, 3);
      return [...new Set([...(await names('refs/heads', 2)), ...remotely])];
    },
    async head(branch) {
      const [here, there] = [await commitOf(local(branch)), await commitOf(tracked(branch))];
      // A local branch that only lags behind says less than what was last fetched.
      const lags = (await checkout.comparison(branch))?.ahead === 0;
      const commit = lags ? there : (here ?? there);
      if (commit === null) throw new BranchNotFound(directory, branch, await checkout.branches());
      return commit;
    },
    async comparison(branch) {
      const counts = await git([
        'rev-list',
        '--left-right',
        '--count',
        `${local(branch)}...${tracked(branch)}`,
      ]);
      const [ahead = 0, behind = 0] = (counts ?? '').split('\t').map(Number);
      return ahead + behind > 0 ? { ahead, behind } : null;
    },
    tree: (commit, folders) => snapshot({ cwd: directory }, commit, folders),
    async mainBranch() {
      const head =
        remote === null ? null : await git(['symbolic-ref', '--quiet', `refs/remotes/${remote}/HEAD`]);
      if (head !== null) return head.replace(`refs/remotes/${remote ?? ''}/`, '');
      const known = await checkout.branches();
      return ['main', 'master'].find((name) => known.includes(name)) ?? checkout.current;
    },
    hasText: async (commit, pattern) =>
      (await git([
        '-C',
        directory,
        'grep',
        '-q',
        '-E',
        '-e',
        pattern,
        commit,
        '--',
        '*.yaml',
        '*.yml',
        '*.json',
      ])) !== null,
    setting: async (name) => (await git(['config', '--get', name])) || null,
  };
  return checkout;
}

/** SSH needs its user (`git@`); before an https host, a name may itself be a token. */
function withoutSecret(url: string): string {
  return url.startsWith('ssh://') ? url.replace(/^(ssh:\/\/[^/@:\s]+):[^/@\s]*@/, '$1@') : safeUrl(url);
}

/** Paths of `git status --porcelain=v1 -z`, where a rename is followed by its old name. */
function changedPaths(status: string): string[] {
  const entries = status.split('\0').filter(Boolean);
  const paths: string[] = [];
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] ?? '';
    paths.push(entry.slice(3));
    if (/^[RC]/.test(entry)) index += 1;
  }
  return paths;
}
