/** Makes a commit object without a work tree: blobs, a temporary index, a tree, commit-tree. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailed, IdentityMissing, SigningFailed } from './errors.ts';
import { configEnvironment } from './git-config.ts';
import { lastWords } from './git.ts';
import type { Repository } from './repository.ts';

export interface Author {
  name: string;
  email: string;
}

/** As in `repository.signing` of handover.yaml. */
export interface Signing {
  format: 'ssh' | 'openpgp';
  /** Path of the SSH private key, or the GPG key id. */
  key: string;
}

export interface CommitContent {
  /** Null for a commit without history. */
  parent: string | null;
  /** Whole content of each file; null removes it. Everything else stays as it is in the parent. */
  files: Record<string, string | null>;
  /** Whole message, trailers included. */
  message: string;
  author?: Author | undefined;
  signing?: Signing | undefined;
}

/** @returns the id of a commit that no ref points to yet. @throws IdentityMissing | SigningFailed */
export async function buildCommit(repository: Repository, content: CommitContent): Promise<string> {
  const index = join(repository.directory, `handover-index-${randomUUID()}`);
  const environment = { GIT_INDEX_FILE: index };
  try {
    await repository.git(content.parent ? ['read-tree', content.parent] : ['read-tree', '--empty'], {
      environment,
    });
    const entries: string[] = [];
    for (const [path, text] of Object.entries(content.files)) {
      if (text === null) {
        entries.push(`0 ${'0'.repeat(40)}\t${path}`);
        continue;
      }
      const blob = await repository.git(['hash-object', '-w', '--stdin'], { input: text });
      entries.push(`${await modeOf(repository, content.parent, path)} ${blob}\t${path}`);
    }
    await repository.git(['update-index', '-z', '--index-info'], {
      environment,
      input: entries.map((entry) => `${entry}\0`).join(''),
    });
    const tree = await repository.git(['write-tree'], { environment });
    return await commitTree(repository, tree, content);
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** A file keeps its mode: an executable one stays executable. */
async function modeOf(repository: Repository, parent: string | null, path: string): Promise<string> {
  if (!parent) return '100644';
  const line = await repository
    .git(['ls-tree', '--full-tree', parent, '--', `:(literal)${path}`])
    .catch(() => '');
  return line.split(' ')[0] || '100644';
}

async function commitTree(repository: Repository, tree: string, content: CommitContent): Promise<string> {
  const { name, email } = content.author ?? (await configuredAuthor(repository));
  const { signing } = content;
  const outcome = await repository.attempt(
    [
      'commit-tree',
      tree,
      ...(content.parent ? ['-p', content.parent] : []),
      ...(signing ? ['-S'] : []),
      '-F',
      '-',
    ],
    {
      input: content.message,
      environment: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
        ...(signing
          ? configEnvironment([
              ['gpg.format', signing.format],
              ['user.signingkey', signing.key],
            ])
          : {}),
      },
    },
  );
  if (outcome.ok) return outcome.stdout;
  if (signing) throw new SigningFailed(signing.format, signing.key, lastWords(outcome.stderr));
  throw new GitFailed('commit-tree', lastWords(outcome.stderr));
}

async function configuredAuthor(repository: Repository): Promise<Author> {
  const read = async (key: string, variable: string): Promise<string> =>
    process.env[variable] ?? (await repository.attempt(['config', '--get', key])).stdout;
  const name = await read('user.name', 'GIT_AUTHOR_NAME');
  const email = await read('user.email', 'GIT_AUTHOR_EMAIL');
  if (!name) throw new IdentityMissing('name');
  if (!email) throw new IdentityMissing('email');
  return { name, email };
}
