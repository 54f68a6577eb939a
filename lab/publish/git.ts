// Writes the GitOps repo of the lab: branches `main` and `edge`, with the history of a person who keeps clusters at home.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { read, run } from '../commands.ts';
import type { Lab } from '../description.ts';
import { shapeOf, type LabShape } from '../legacy/shapes.ts';
import type { Toolchain } from '../toolchain/index.ts';
import { renderPart } from './gitops-tree.ts';
import type { Rendering } from './gitops-tree.ts';
import { LabSecrets } from './secrets.ts';

export interface GitPublication {
  readonly lab: Lab;
  readonly toolchain: Pick<Toolchain, 'bin'>;
}

const author = { name: 'Maeve Haynes', email: 'maeve@haynes.example' };

interface HistoryStep {
  readonly subject: string;
  /** Author date, ISO 8601. */
  readonly date: string;
  /** Paths that the commit adds. */
  readonly paths: readonly string[];
}

const sharedStep: HistoryStep = {
  subject: 'chore: initial commit',
  date: '2026-03-07T20:12:41+00:00',
  paths: ['.'],
};

function clusterSteps(cluster: string, folder: string): HistoryStep[] {
  return [
    {
      subject: `feat(${cluster}): bootstrap Flux`,
      date: '2026-03-14T21:03:10+00:00',
      paths: [`${folder}/bootstrap`, `${folder}/flux`, `${folder}/flux-system`],
    },
    {
      subject: `feat(${cluster}): notifications and webhooks`,
      date: '2026-04-02T19:44:02+01:00',
      paths: [`${folder}/apps/flux-system`],
    },
    { subject: `feat(${cluster}): move the apps over`, date: '2026-05-23T22:58:37+01:00', paths: ['.'] },
  ];
}

/**
 * Fills the bare repository, which no one works with yet. The two branches share their first commit.
 * Random values are in the lab's list of secrets before the repository has a file that holds them.
 */
export async function publishGit({ lab, toolchain }: GitPublication): Promise<void> {
  const workTree = await mkdtemp(path.join(tmpdir(), 'flux-handover-gitops-'));
  try {
    const secrets = await LabSecrets.open(lab);
    const token = (await readFile(lab.git.tokenFile, 'utf8')).trim();
    const rendering: Rendering = {
      gitUrl: lab.git.url,
      recipient: (await read(path.join(toolchain.bin, 'age-keygen'), ['-y', lab.ageKeyFile])).trim(),
      secrets,
      known: { 'git-username': lab.git.username, 'git-token': token },
      sops: path.join(toolchain.bin, 'sops'),
    };
    await git(workTree, ['init', '--quiet', '--initial-branch=main']);
    await renderPart('shared', workTree, rendering);
    await commit(workTree, sharedStep);
    await git(workTree, ['branch', 'edge']);
    const main = shapeOf(lab, 'main');
    await publishBranch('main', { ...main, parts: ['main'] }, workTree, rendering);
    await publishBranch('edge', shapeOf(lab, 'edge'), workTree, rendering);
    await secrets.save(lab);
    // A publication that was interrupted left branches that differ in every encrypted file.
    await git(workTree, ['push', '--quiet', '--force', lab.git.repository, 'main', 'edge']);
  } finally {
    await rm(workTree, { recursive: true, force: true });
  }
}

/** Adds the files of a shape to its branch, in the steps in which a person would have committed them. */
async function publishBranch(
  cluster: string,
  { path: folderOf, parts, without }: LabShape,
  workTree: string,
  rendering: Rendering,
): Promise<void> {
  await git(workTree, ['switch', '--quiet', cluster]);
  for (const part of parts) await renderPart(part, workTree, rendering);
  for (const file of without) await rm(path.join(workTree, file));
  for (const step of clusterSteps(cluster, folderOf(cluster))) await commit(workTree, step);
}

/** A step whose paths this branch has not is left out. */
async function commit(workTree: string, { subject, date, paths }: HistoryStep): Promise<void> {
  const present = paths.filter((name) => existsSync(path.join(workTree, name)));
  if (present.length === 0) return;
  await git(workTree, ['add', '--', ...present]);
  await git(workTree, ['commit', '--quiet', `--message=${subject}`], date);
}

/** Runs git without the settings of the person whose machine this is. */
async function git(workTree: string, parameters: readonly string[], date?: string): Promise<void> {
  await run('git', ['-C', workTree, ...parameters], {
    environment: {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
      ...(date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }),
    },
  });
}
