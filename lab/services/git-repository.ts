// The bare repository of the lab's Git server, with protected branches as a forge has them.

import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read, run } from '../commands.ts';
import { labDirectory } from '../description.ts';

/** Below it lie the repositories by their URL's path. */
export const repositoriesFolder = path.join(labDirectory, 'git', 'repositories');

export const repositoryPath = 'haynes/home-ops.git';
export const repositoryFolder = path.join(repositoriesFolder, repositoryPath);

/** Refuses what a forge would refuse; branches are protected with `git config --add handover.protectedBranch NAME`. */
const updateHook = `#!/bin/sh
# Called by git for each ref of a push: name, old and new commit.
branch="\${1#refs/heads/}"
if git config --get-all handover.protectedBranch | grep --fixed-strings --line-regexp --quiet -- "$branch"; then
  echo "error: protected branch: $branch takes changes through pull requests only" >&2
  exit 1
fi
`;

/** Makes the empty repository unless it is there. */
export async function ensureRepository(): Promise<void> {
  const hook = path.join(repositoryFolder, 'hooks', 'update');
  const complete = await access(hook).then(
    () => true,
    () => false,
  );
  if (complete) return;
  await mkdir(repositoryFolder, { recursive: true });
  const git = (...parameters: string[]) => run('git', ['-C', repositoryFolder, ...parameters]);
  await git('init', '--quiet', '--bare', '--template=', '--initial-branch=main');
  await git('config', 'http.receivepack', 'true');
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  // Objects must stay for checkpoints, and no collection may run on behind our back.
  await git('config', 'gc.auto', '0');
  await git('config', 'receive.autogc', 'false');
  await mkdir(path.dirname(hook), { recursive: true });
  await writeFile(hook, updateHook, { mode: 0o755 });
}

/** Every ref with its object, in the words of `git update-ref --stdin`. */
export async function readRefs(): Promise<string> {
  return read('git', ['-C', repositoryFolder, 'for-each-ref', '--format=%(refname) %(objectname)']);
}

/** Sets exactly these refs, as given by `readRefs`: others go. One transaction: all or none. */
export async function restoreRefs(refs: string): Promise<void> {
  const wanted = new Map(
    refs.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]])),
  );
  const current = (await readRefs()).split('\n').flatMap((line) => line.split(' ').slice(0, 1));
  const deletions = current
    .filter((name) => name !== '' && !wanted.has(name))
    .map((name) => `delete ${name}\n`);
  const updates = [...wanted].map(([name, object]) => `update ${name} ${object}\n`);
  await run('git', ['-C', repositoryFolder, 'update-ref', '--stdin'], {
    input: [...deletions, ...updates].join(''),
  });
}

/** Sets one ref, given as a line of `readRefs`. */
export async function setRef(line: string): Promise<void> {
  await run('git', ['-C', repositoryFolder, 'update-ref', '--stdin'], { input: `update ${line}\n` });
}
