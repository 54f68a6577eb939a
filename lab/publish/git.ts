// Writes the GitOps repo of the lab: branches `main` and `edge`, with the history of a person who keeps clusters at home.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { read, run } from '../commands.ts';
import type { Lab } from '../description.ts';
import type { Toolchain } from '../toolchain/index.ts';
import { renderPart } from './gitops-tree.ts';
import type { Part, Rendering } from './gitops-tree.ts';
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

function clusterSteps(cluster: string): HistoryStep[] {
  const folder = `kubernetes/${cluster}`;
  return [
    {
      subject: `feat(${cluster}): bootstrap Flux`,
      date: '2026-03-14T21:03:10+00:00',
      paths: [`${folder}/bootstrap`, `${folder}/flux`],
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
    await addPart('shared', [sharedStep], workTree, rendering);
    await git(workTree, ['branch', 'edge']);
    for (const cluster of ['main', 'edge'] as const) {
      await git(workTree, ['switch', '--quiet', cluster]);
      await addPart(cluster, clusterSteps(cluster), workTree, rendering);
    }
    await secrets.save(lab);
    // A publication that was interrupted left branches that differ in every encrypted file.
    await git(workTree, ['push', '--quiet', '--force', lab.git.repository, 'main', 'edge']);
  } finally {
    await rm(workTree, { recursive: true, force: true });
  }
}

async function addPart(
  part: Part,
  steps: readonly HistoryStep[],
  workTree: string,
  rendering: Rendering,
): Promise<void> {
  await renderPart(part, workTree, rendering);
  for (const { subject, date, paths } of steps) {
    await git(workTree, ['add', '--', ...paths]);
    await git(workTree, ['commit', '--quiet', `--message=${subject}`], date);
  }
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
