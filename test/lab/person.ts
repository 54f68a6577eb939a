/** What a person with a clone of the GitOps repository does: reads files at a branch, changes one, pushes. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { Lab } from '../../lab/description.ts';

/** Git in the lab's bare repository, from the server's side, so that no credentials are needed. */
export async function gitServer(lab: Lab, ...command: string[]): Promise<string> {
  const { stdout } = await execa('git', ['-C', lab.git.repository, ...command], {
    env: { GIT_CONFIG_GLOBAL: '/dev/null' },
  });
  return stdout;
}

export function headOf(lab: Lab, branch: string): Promise<string> {
  return gitServer(lab, 'rev-parse', `refs/heads/${branch}`);
}

export async function filesAt(lab: Lab, branch: string): Promise<string[]> {
  return (await gitServer(lab, 'ls-tree', '-r', '--name-only', branch)).split('\n');
}

export function fileAt(lab: Lab, branch: string, file: string): Promise<string> {
  return gitServer(lab, 'show', `${branch}:${file}`);
}

/**
 * Commits and pushes an edit of one file over HTTP, as a person at a workstation would.
 * @returns the new commit
 */
export function pushEdit(
  lab: Lab,
  branch: string,
  file: string,
  edit: (text: string) => string | Promise<string>,
): Promise<string> {
  return pushWork(lab, branch, async ({ folder, git }) => {
    const absolute = path.join(folder, file);
    await writeFile(absolute, await edit(await readFile(absolute, 'utf8')));
    await git('commit', '--quiet', '--all', '--message', `chore: edit ${file}`);
  });
}

/**
 * Commits and pushes several files at once.
 * @param files content by path; null removes a file
 * @returns the new commit
 */
export function pushFiles(
  lab: Lab,
  branch: string,
  message: string,
  files: Readonly<Record<string, string | null>>,
): Promise<string> {
  return pushWork(lab, branch, async ({ folder, git }) => {
    for (const [file, content] of Object.entries(files)) {
      const absolute = path.join(folder, file);
      if (content === null) await rm(absolute);
      else {
        await mkdir(path.dirname(absolute), { recursive: true });
        await writeFile(absolute, content);
      }
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
  });
}

/** `git revert` of one commit, pushed. @returns the new commit */
export function pushRevert(lab: Lab, branch: string, commit: string): Promise<string> {
  return pushWork(lab, branch, async ({ git }) => {
    await git('revert', '--no-edit', commit);
  });
}

interface Clone {
  folder: string;
  git: (...command: string[]) => Promise<unknown>;
}

/** Clones a branch, lets somebody work in it, pushes what was committed. @returns the new commit */
async function pushWork(lab: Lab, branch: string, work: (clone: Clone) => Promise<void>): Promise<string> {
  const clone = await mkdtemp(path.join(tmpdir(), 'person-'));
  const identity = {
    GIT_AUTHOR_NAME: 'Robin',
    GIT_AUTHOR_EMAIL: 'robin@home.example',
    GIT_COMMITTER_NAME: 'Robin',
    GIT_COMMITTER_EMAIL: 'robin@home.example',
  };
  const environment = { ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
  const git = (...command: string[]) => execa('git', command, { cwd: clone, env: environment });
  try {
    await execa('git', ['clone', '--quiet', '--branch', branch, lab.git.repository, clone], {
      env: environment,
    });
    await work({ folder: clone, git });
    // The server's hooks guard pushes over HTTP; a person's push goes the same way, through a credential helper that reads a file.
    const helper = `!f() { echo username=${lab.git.username}; echo password=$(cat ${lab.git.tokenFile}); }; f`;
    await git('-c', `credential.helper=${helper}`, 'push', '--quiet', lab.git.url, `HEAD:${branch}`);
    return (await git('rev-parse', 'HEAD')).stdout;
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}
