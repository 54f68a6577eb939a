/** A person changed a file that the way back has to restore. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitFiles, type CommitRequest } from './commit.ts';
import { makeRemote, type Remote } from './fixtures.ts';
import { replaceLines } from './merge-file.ts';
import { openRepository, type Repository } from './repository.ts';

const original = 'kind: Kustomization\nresources:\n  - ./echo/ks.yaml\n';
const ours = `${original}  - ./flux-operator/ks.yaml\n`;

let remote: Remote;
let repository: Repository;

beforeEach(async () => {
  remote = makeRemote();
  remote.push('main', { 'kustomization.yaml': original });
  repository = await openRepository({ url: remote.url, cacheDirectory: remote.cache });
  await commitFiles(step('operator', original, ours));
});
afterEach(() => remote.dispose());

function step(name: string, before: string | null, after: string | null, keepOthers = false): CommitRequest {
  return {
    repository,
    branch: 'main',
    changes: [{ path: 'kustomization.yaml', before, after }],
    message: name,
    trailers: { 'Handover-Run': 'home-1', 'Handover-Cluster': 'edge', 'Handover-Step': name },
    author: { name: 'Handover', email: 'handover@example.com' },
    keepOthers,
  };
}

const takeBack = () => commitFiles(step('undo-operator', ours, original, true));
const inForce = () => `${remote.git('cat-file', 'blob', 'main:kustomization.yaml')}\n`;

describe('a way back', () => {
  test.each([
    ['below our line', `${ours}  - ./photos/ks.yaml\n`, `${original}  - ./photos/ks.yaml\n`],
    ['at the end, in a comment', `${ours}# Looked at by Robin.\n`, `${original}# Looked at by Robin.\n`],
    ['far above it', `# Ours.\n${ours}`, `# Ours.\n${original}`],
    [
      'just above it',
      ours.replace('  - ./flux-operator', '  - ./a/ks.yaml\n  - ./flux-operator'),
      `${original}  - ./a/ks.yaml\n`,
    ],
  ])('keeps what a person added %s', async (_, theirs, expected) => {
    remote.push('main', { 'kustomization.yaml': theirs });
    await takeBack();
    expect(inForce()).toBe(expected);
  });

  test.each([
    ['changed our very line', ours.replace('./flux-operator/ks.yaml', './flux-operator/other.yaml')],
    ['copied our line', `${ours}  - ./flux-operator/ks.yaml\n`],
  ])('asks where a person %s, and says what to do', async (_, theirs) => {
    remote.push('main', { 'kustomization.yaml': theirs });
    await expect(takeBack()).rejects.toMatchObject({
      paths: ['kustomization.yaml'],
      what: expect.stringContaining('the lines that the way back has to restore') as string,
      mend: expect.stringContaining('git log -p origin/main -- kustomization.yaml') as string,
    });
    expect(inForce()).toBe(theirs);
  });

  test('removes a file of ours with a note that a person made in it, and asks where it came to mean something else', async () => {
    const takeAway = () => commitFiles(step('undo-stage', ours, null, true));
    remote.push('main', { 'kustomization.yaml': `${ours}  - ./photos/ks.yaml\n` });
    await expect(takeAway()).rejects.toMatchObject({ paths: ['kustomization.yaml'] });
    remote.push('main', { 'kustomization.yaml': `${ours}# Looked at by Robin.\n` });
    await takeAway();
    expect(remote.git('ls-tree', '--name-only', 'main')).not.toContain('kustomization.yaml');
  });

  test('asks where a person took the file away', async () => {
    remote.push('main', { 'kustomization.yaml': null });
    await expect(takeBack()).rejects.toMatchObject({ paths: ['kustomization.yaml'] });
  });
});

test('a step forward is never merged: it was planned, and approved, on what stood there', async () => {
  remote.push('main', { 'kustomization.yaml': `# Ours.\n${ours}` });
  await expect(commitFiles(step('stage', ours, `${ours}# more\n`))).rejects.toMatchObject({
    mend: expect.stringContaining('make a new plan') as string,
  });
});

describe('lines that were taken away', () => {
  const before = 'a\nb\ne\n';
  const after = 'a\nb\nc\nd\ne\n';
  test('come back between the neighbours that they had', () => {
    expect(replaceLines({ before, after, current: 'x\na\nb\ne\ny\n' })).toBe('x\na\nb\nc\nd\ne\ny\n');
  });
  test('do not, where somebody wrote between those', () => {
    expect(replaceLines({ before, after, current: 'a\nb\nx\ne\n' })).toBeNull();
  });
  test('at the beginning and at the end', () => {
    expect(replaceLines({ before: 'b\n', after: 'a\nb\n', current: 'b\nx\n' })).toBe('a\nb\nx\n');
    expect(replaceLines({ before: 'a\n', after: 'a\nb\n', current: 'x\na\n' })).toBe('x\na\nb\n');
  });
});
