/** Keeps files of a run in the repository under `refs/handover/<run>`, outside every branch. */
import { buildCommit, type Author } from './build-commit.ts';
import { PushRace } from './errors.ts';
import { pushError } from './commit.ts';
import type { Repository } from './repository.ts';

/**
 * Writes exactly these files to the ref, as one commit; the same content again changes nothing.
 * @param ref must begin with `refs/handover/`
 * @returns the commit the ref points to
 */
export async function writeRef(request: {
  repository: Repository;
  ref: string;
  files: Record<string, string>;
  author?: Author | undefined;
}): Promise<string> {
  const { repository, ref, files } = request;
  if (!ref.startsWith('refs/handover/')) throw new TypeError(`${ref} is not below refs/handover/`);
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await repository.fetch();
    const current = await resolve(repository, ref);
    const existing = current ? await filesOf(repository, current) : null;
    if (current && existing && sameFiles(existing, files)) return current;
    const removed = Object.fromEntries(Object.keys(existing ?? {}).map((path) => [path, null]));
    const commit = await buildCommit(repository, {
      parent: current,
      files: { ...removed, ...files },
      message: `${ref.slice('refs/'.length)}\n`,
      author: request.author,
    });
    const outcome = await repository.attempt(['push', '--porcelain', repository.url, `${commit}:${ref}`]);
    if (outcome.ok) {
      await repository.attempt(['update-ref', ref, commit]);
      return commit;
    }
    if (!/\[rejected\]|cannot lock ref/.test(outcome.stdout + outcome.stderr))
      throw pushError(repository, ref, outcome);
  }
  throw new PushRace(ref, 4);
}

/** The files under the ref as of the last fetch, or null where there is no such ref. */
export async function readRef(repository: Repository, ref: string): Promise<Record<string, string> | null> {
  const commit = await resolve(repository, ref);
  return commit ? filesOf(repository, commit) : null;
}

async function resolve(repository: Repository, ref: string): Promise<string | null> {
  const outcome = await repository.attempt(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  return outcome.ok ? outcome.stdout : null;
}

async function filesOf(repository: Repository, commit: string): Promise<Record<string, string>> {
  const tree = await repository.tree(commit, []);
  return Object.fromEntries(tree.paths().map((path) => [path, tree.read(path) ?? '']));
}

function sameFiles(left: Record<string, string>, right: Record<string, string>): boolean {
  const paths = Object.keys(left);
  return paths.length === Object.keys(right).length && paths.every((path) => left[path] === right[path]);
}
