/** A bare mirror of the GitOps repository in the cache folder: fetched, read and pushed from, never checked out. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credentialEnvironment, tokenSourceOf, type Credentials } from './credentials.ts';
import { BranchNotFound, GitFailed } from './errors.ts';
import { explain, lastWords, safeUrl, tryGit, type GitOptions, type GitOutcome } from './git.ts';
import { snapshot } from './snapshot.ts';
import type { ReadableRepository } from './readable-repository.ts';

export interface RepositoryOptions {
  /** Anything git clones: https, ssh, or a path. */
  url: string;
  credentials?: Credentials | undefined;
  /** Default: `flux-handover/repositories` in XDG_CACHE_HOME or ~/.cache. */
  cacheDirectory?: string | undefined;
}

export interface Repository extends ReadableRepository {
  readonly url: string;
  /** The bare repository. */
  readonly directory: string;
  /** Where the token comes from, in words; null without configured credentials. */
  readonly tokenSource: string | null;
  /** Brings every branch and every `refs/handover/*` up to date. @throws GitUnreachable | GitForbidden */
  fetch(): Promise<void>;
  /** A local git command. @throws GitFailed */
  git(args: string[], options?: Partial<GitOptions>): Promise<string>;
  /** Any git command with our credentials, never throwing for a bad exit code. */
  attempt(args: string[], options?: Partial<GitOptions>): Promise<GitOutcome>;
}

/** Where programs keep what they can make again. */
export function cacheHome(): string {
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
}

/**
 * Opens (and on first use creates) the mirror of a repository and fetches it.
 * @throws GitUnreachable | GitForbidden
 */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const base = options.cacheDirectory ?? join(cacheHome(), 'flux-handover', 'repositories');
  const directory = join(base, `${createHash('sha256').update(options.url).digest('hex').slice(0, 20)}.git`);
  await mkdir(directory, { recursive: true });
  const environment = await credentialEnvironment(base, options.credentials);
  const attempt: Repository['attempt'] = (args, extra = {}) =>
    tryGit(args, {
      cwd: directory,
      ...extra,
      environment: { ...environment, GIT_DIR: directory, ...extra.environment },
    });
  const git: Repository['git'] = async (args, extra) => {
    const outcome = await attempt(args, extra);
    if (!outcome.ok) throw new GitFailed(args[0] ?? '', lastWords(outcome.stderr));
    return outcome.stdout;
  };
  await git(['init', '--bare', '--quiet', '--initial-branch=none', directory], {
    environment: { GIT_DIR: '' },
  });

  const repository: Repository = {
    url: options.url,
    directory,
    tokenSource: tokenSourceOf(options.credentials),
    attempt,
    git,
    async fetch() {
      // Several processes may share the mirror: losing a ref lock to another fetch only means trying again.
      for (let tries = 1; ; tries += 1) {
        const outcome = await attempt([
          'fetch',
          '--quiet',
          '--prune',
          '--no-tags',
          '--no-write-fetch-head',
          options.url,
          '+refs/heads/*:refs/remotes/origin/*',
          '+refs/handover/*:refs/handover/*',
        ]);
        if (outcome.ok) return;
        if (tries < 5 && /cannot lock ref|Unable to create|\.lock': File exists/.test(outcome.stderr))
          await pause(100 * tries);
        else throw explain(options.url, 'read', 'fetch', outcome.stderr, repository.tokenSource);
      }
    },
    async branches() {
      return (await git(['for-each-ref', '--format=%(refname:lstrip=3)', 'refs/remotes/origin']))
        .split('\n')
        .filter(Boolean);
    },
    async head(branch) {
      const outcome = await attempt([
        'rev-parse',
        '--verify',
        '--quiet',
        `refs/remotes/origin/${branch}^{commit}`,
      ]);
      if (!outcome.ok) throw new BranchNotFound(safeUrl(options.url), branch, await repository.branches());
      return outcome.stdout;
    },
    tree: (commit, folders) => snapshot({ cwd: directory }, commit, folders),
    async mainBranch() {
      const { stdout } = await attempt(['ls-remote', '--symref', options.url, 'HEAD']);
      return /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(stdout)?.[1] ?? null;
    },
    hasText: async (commit, pattern) =>
      (await attempt(['grep', '-q', '-E', '-e', pattern, commit, '--', '*.yaml', '*.yml', '*.json'])).ok,
  };
  await repository.fetch();
  return repository;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
