import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { reference } from './reference.ts';
import { rulesReference } from './rules-reference.ts';
import { runbook } from './runbook.ts';

test('docs/reference.md is what the command line and the schema say today (npm run reference writes it)', async () => {
  expect(await readFile(new URL('../../docs/reference.md', import.meta.url), 'utf8')).toBe(reference());
});

test('docs/rules.md is what the table of rules says today (npm run reference writes it)', async () => {
  expect(await readFile(new URL('../../docs/rules.md', import.meta.url), 'utf8')).toBe(rulesReference());
});

test('docs/runbook.md is what the program shows today (npm run reference writes it)', async () => {
  expect(await readFile(new URL('../../docs/runbook.md', import.meta.url), 'utf8')).toBe(runbook());
});
