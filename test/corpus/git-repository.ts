/** Puts the files of a case into a real Git repository, so that they are read as a user's are. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { snapshot } from '../../src/repo/snapshot.ts';
import type { Tree } from '../../src/repo/tree.ts';
import type { RepoFiles, Work } from './case.ts';

export interface CaseRepository {
  directory: string;
  /** By branch. */
  trees: Map<string, Tree>;
}

/** @param history how many commits without meaning come first: they give every commit another id */
export async function gitRepository(
  branches: ReadonlyMap<string, RepoFiles>,
  history = 0,
  work: Work[] = [],
): Promise<CaseRepository> {
  const directory = mkdtempSync(join(tmpdir(), 'corpus-'));
  const git = (args: string[], input: Buffer = Buffer.from('')): string =>
    execaSync('git', args, { cwd: directory, input, maxBuffer: 1024 ** 3 }).stdout;
  git(['init', '--quiet', '--bare', '--initial-branch=none', '.']);
  git(
    ['fast-import', '--quiet', '--force'],
    Buffer.concat([...branches].map((entry) => stream(entry, history))),
  );
  const [first = ''] = branches.keys();
  for (const commit of work) {
    const known = git(['for-each-ref', '--format=%(refname:short)', 'refs/heads/']).split('\n');
    const from = known.includes(commit.branch) ? commit.branch : first;
    git(['fast-import', '--quiet', '--force'], workStream(commit, from));
  }
  const trees = new Map<string, Tree>();
  for (const branch of branches.keys())
    trees.set(branch, await snapshot({ cwd: directory }, git(['rev-parse', `refs/heads/${branch}`])));
  return { directory, trees };
}

const begin = 1_700_000_000;

function workStream({ branch, message, day, files }: Work, from: string): Buffer {
  const committer = `committer Somebody <somebody@example.com> ${begin + day * 86_400} +0000`;
  const head = [`commit refs/heads/${branch}`, committer, `data ${Buffer.byteLength(message)}`, message];
  return Buffer.concat([
    Buffer.from(`${[...head, `from refs/heads/${from}^0`].join('\n')}\n`),
    ...[...files].map(([path, { content }]) =>
      Buffer.concat([
        Buffer.from(`M 100644 inline ${JSON.stringify(path)}\ndata ${content.length}\n`),
        content,
        Buffer.from('\n'),
      ]),
    ),
  ]);
}

function stream([branch, files]: [string, RepoFiles], history: number): Buffer {
  const parts: Buffer[] = [];
  const say = (line: string): number => parts.push(Buffer.from(`${line}\n`));
  const data = (content: Buffer): number =>
    parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n'));
  const commit = (message: string, seconds: number): void => {
    say(`commit refs/heads/${branch}`);
    say(`committer Somebody <somebody@example.com> ${begin + seconds} +0000`);
    data(Buffer.from(message));
  };
  for (let count = 1; count <= history; count += 1) commit(`before ${count}`, count);
  commit('the repository', history + 1);
  for (const [path, { mode, content }] of files) {
    if (mode === '160000') say(`M ${mode} ${content.toString('utf8')} ${JSON.stringify(path)}`);
    else {
      say(`M ${mode} inline ${JSON.stringify(path)}`);
      data(content);
    }
  }
  return Buffer.concat(parts);
}
