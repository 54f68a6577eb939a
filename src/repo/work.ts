/** What other people have lately changed on a branch, or are about to bring into it, as patches. Reads only. */
import { GitFailed } from './errors.ts';
import { lastWords, tryGit } from './git.ts';

export interface Work {
  /** `branch renovate/all`, or `commit 1a2b3c4d (Move to Gateway API)`. */
  name: string;
  /** Day of its first commit, e.g. `2025-11-02`. */
  since: string;
  /** Unified diff without context lines. */
  patch: string;
}

/** Enough to judge; a migration of a thousand files is told by its first ones. */
const largestPatch = 2 * 1024 * 1024;

async function git(directory: string, args: string[]): Promise<string> {
  const outcome = await tryGit(['--no-optional-locks', ...args], { cwd: directory });
  if (!outcome.ok) throw new GitFailed(args[0] ?? '', lastWords(outcome.stderr));
  return outcome.stdout;
}

/** Up to the limit, and never cut within a file. */
function bounded(patch: string): string {
  if (patch.length <= largestPatch) return patch;
  return patch.slice(0, Math.max(0, patch.lastIndexOf('\ndiff --git ', largestPatch)));
}

const asPatch = ['--unified=0', '--no-color', '--no-ext-diff', '--no-renames'];

/**
 * What a branch has beyond the cluster's; null where that is nothing.
 * @param folders where to look; @throws GitFailed
 */
export async function workOnBranch(
  directory: string,
  base: string,
  { branch, head }: { branch: string; head: string },
  folders: string[],
): Promise<Work | null> {
  const patch = await git(directory, ['diff', ...asPatch, `${base}...${head}`, '--', ...folders]);
  if (patch === '') return null;
  const days = await git(directory, ['log', '--reverse', '--format=%cs', `${base}..${head}`]);
  return { name: `branch ${branch}`, since: days.split('\n')[0] ?? '', patch: bounded(patch) };
}

/** Commit, day, our own trailer, subject; then follows the patch. */
const commitLine = '--format=%x00%H%x09%cs%x09%(trailers:key=Handover-Run,valueonly,separator=%x2C)%x09%s';

/**
 * Commits on a branch in the days before its head; not by the clock, so that the same commit tells the same. The very first
 * commit of a repository is left out: it brings everything and changes nothing.
 * @throws GitFailed
 */
export async function recentWork(
  directory: string,
  head: string,
  days: number,
  folders: string[],
): Promise<Work[]> {
  if (days === 0) return [];
  const until = Number(await git(directory, ['show', '-s', '--format=%ct', head]));
  const choice = ['--first-parent', '--no-merges', '--min-parents=1', '--max-count=50'];
  const since = `--since=${until - days * 86_400}`;
  const listed = await git(directory, [
    'log',
    '-p',
    ...asPatch,
    commitLine,
    ...choice,
    since,
    head,
    '--',
    ...folders,
  ]);
  return listed.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    const [commit = '', day = '', run = '', subject = ''] = entry.slice(0, Math.max(0, end)).split('\t');
    // The steps of a handover are our own.
    if (commit === '' || run !== '') return [];
    const name = `commit ${commit.slice(0, 8)} (${subject.slice(0, 60)})`;
    return [{ name, since: day, patch: bounded(entry.slice(end + 1)) }];
  });
}
