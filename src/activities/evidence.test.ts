import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openEvidence } from './evidence.ts';
import { redactor } from './redact.ts';

test('evidence is redacted, private, named by its digest, and replaced as a whole', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'evidence-'));
  const store = openEvidence(
    root,
    { run: 'r1', cluster: 'edge', phase: 'stage' },
    redactor(['hidden-value']),
  );
  await store.keep('dry-run.diff', 'old');
  const reference = await store.keep('dry-run.diff', 'a hidden-value here');
  expect(reference.place).toBe('r1/edge/05-stage/dry-run.diff');
  const file = path.join(root, reference.place);
  expect(await readFile(file, 'utf8')).toBe('a «redacted» here');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(reference.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await readdir(path.dirname(file))).toEqual(['dry-run.diff']);
});
