/** Puts one planned step onto a branch: exactly once, without force, and only while nobody touched its files. */
import type { FileChange } from '../plan/types.ts';
import { buildCommit, type Author, type Signing } from './build-commit.ts';
import { BranchProtected, FilesChanged, GitForbidden, PushRace } from './errors.ts';
import { explain, lastWords, safeUrl, type GitOutcome } from './git.ts';
import { mergeFile } from './merge-file.ts';
import type { Repository } from './repository.ts';
import { clusterTrailer, findStep, runTrailer, stepTrailer } from './steps.ts';
import type { Tree } from './tree.ts';

export interface CommitRequest {
  repository: Repository;
  branch: string;
  changes: Pick<FileChange, 'path' | 'before' | 'after'>[];
  /** Subject and body, without trailers. */
  message: string;
  /** Must hold `Handover-Run`, `Handover-Cluster` and `Handover-Step`, which make the commit findable and so idempotent. */
  trailers: Record<string, string>;
  /** Default: git's own configuration. */
  author?: Author | undefined;
  signing?: Signing | undefined;
  /** What takes an earlier step back: where somebody changed a file since, their change is kept, if both fit together. */
  keepOthers?: boolean | undefined;
  /** The mirror was brought up to date a moment ago: only a push that loses a race fetches. */
  fetched?: boolean | undefined;
  /** Called with the head that the commit will stand on, before every attempt; throws to refuse. */
  guard?: ((tree: Tree, head: string) => void | Promise<void>) | undefined;
}

export interface CommitResult {
  commit: string;
  /** The commit's parent. */
  parent: string;
  /** It was on the branch before this call. */
  alreadyDone: boolean;
}

const attempts = 8;

/**
 * Commits and pushes the changes. A push that loses a race is made again on the new head.
 * @throws FilesChanged when a file's content at the head is not `before` (with `keepOthers`: and can not be merged); BranchProtected, GitForbidden, GitUnreachable, SigningFailed, PushRace
 */
export async function commitFiles(request: CommitRequest): Promise<CommitResult> {
  const { repository, branch, trailers } = request;
  const run = trailers[runTrailer];
  const cluster = trailers[clusterTrailer];
  const step = trailers[stepTrailer];
  if (!run || !cluster || !step)
    throw new TypeError(`a commit needs the trailers ${runTrailer}, ${clusterTrailer} and ${stepTrailer}`);
  const message = `${request.message.trim()}\n\n${Object.entries(trailers)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')}\n`;

  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1 || !request.fetched) await repository.fetch();
    const done = await findStep(repository, branch, { run, cluster }, step);
    if (done)
      return { commit: done, parent: await repository.git(['rev-parse', `${done}^`]), alreadyDone: true };

    const head = await repository.head(branch);
    // Only a guard looks at more than the touched files.
    const tree = await repository.tree(head, request.guard ? undefined : []);
    const files = await contentsOn(tree, request);
    await request.guard?.(tree, head);

    const commit = await buildCommit(repository, {
      parent: head,
      files,
      message,
      author: request.author,
      signing: request.signing,
    });
    const outcome = await repository.attempt([
      'push',
      '--porcelain',
      repository.url,
      `${commit}:refs/heads/${branch}`,
    ]);
    if (outcome.ok) {
      await repository.attempt(['update-ref', `refs/remotes/origin/${branch}`, commit]);
      return { commit, parent: head, alreadyDone: false };
    }
    if (!lostRace(outcome)) throw pushError(repository, branch, outcome);
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt + Math.random() * 100));
  }
  throw new PushRace(branch, attempts);
}

/** What each file shall hold, by path. @throws FilesChanged */
async function contentsOn(tree: Tree, request: CommitRequest): Promise<Record<string, string | null>> {
  const { repository, branch, changes, keepOthers = false } = request;
  const files: Record<string, string | null> = {};
  const touched: string[] = [];
  for (const change of changes) {
    const current = tree.read(change.path);
    files[change.path] = change.after;
    if (current === change.before) continue;
    const merged = keepOthers ? await mergeFile(repository, change, current) : null;
    if (merged === null) touched.push(change.path);
    else files[change.path] = merged.text;
  }
  if (touched.length > 0) throw new FilesChanged(branch, touched, keepOthers ? 'back' : 'forward');
  return files;
}

/**
 * Asks the remote whether we may push, without changing anything. A server-side hook (a protected branch) is only seen by a true push.
 * @throws GitForbidden | GitUnreachable | BranchNotFound
 */
export async function dryRunPush({
  repository,
  branch,
}: {
  repository: Repository;
  branch: string;
}): Promise<void> {
  const head = await repository.head(branch);
  const outcome = await repository.attempt([
    'push',
    '--dry-run',
    '--porcelain',
    repository.url,
    `${head}:refs/heads/${branch}`,
  ]);
  if (!outcome.ok && !lostRace(outcome)) throw pushError(repository, branch, outcome);
}

/** Another push came first, or the server could not lock the ref because of one. */
function lostRace({ stdout, stderr }: GitOutcome): boolean {
  return (
    /^!.*\[rejected\]|\((fetch first|non-fast-forward|stale info)\)/m.test(stdout) ||
    /cannot lock ref|failed to update ref|incorrect old value|reference already exists/.test(stdout + stderr)
  );
}

/** What a failed push means. */
export function pushError(
  { url, tokenSource }: Repository,
  branch: string,
  { stdout, stderr }: GitOutcome,
): Error {
  const rejected = /\[remote rejected\] \((.*)\)/.exec(stdout)?.[1];
  if (!rejected) return explain(url, 'push', 'push', stderr, tokenSource);
  const said = stderr
    .split('\n')
    .filter((line) => line.startsWith('remote:'))
    .map((line) => line.replace(/^remote:\s*/, '').trim())
    .filter(Boolean);
  const detail = [rejected, ...said].slice(0, 6).join('; ');
  if (/permission|not allowed to push code|denied/i.test(detail) && !/protected|hook/i.test(detail))
    return new GitForbidden(safeUrl(url), lastWords(detail), 'push', tokenSource);
  return new BranchProtected(safeUrl(url), branch, lastWords(detail));
}
