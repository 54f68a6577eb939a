/** The table of rules is whole: every part is in it, no id hides another, and every entry says something. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decisionRules, hazardRules } from './index.ts';
import { preflightRules } from './preflight.ts';
import type { DecisionRule } from './rule.ts';
import { wayBackRules } from './way-back.ts';

const parts = readdirSync(import.meta.dirname).filter(
  (file) =>
    !['rule.ts', 'index.ts', 'decisions.ts', 'preflight.ts', 'way-back.ts'].includes(file) &&
    !file.endsWith('.test.ts'),
);

test('every part of the table is in it, and no id stands in two of them', async () => {
  const ids: string[] = [];
  for (const part of parts)
    for (const table of Object.values(
      (await import(/* @vite-ignore */ `${import.meta.dirname}/${part}`)) as Record<string, object>,
    ))
      ids.push(...Object.keys(table));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.toSorted()).toEqual(Object.keys(hazardRules).toSorted());
});

test('every entry is a sentence or more in each field, and no decision is named like a hazard', () => {
  const entries = Object.entries<DecisionRule>({
    ...decisionRules,
    ...hazardRules,
    ...preflightRules,
    ...wayBackRules,
  });
  for (const [id, { title, looksFor, rule, why, source }] of entries) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const words of [title, looksFor, rule, why, source]) expect(words.length, id).toBeGreaterThan(8);
    expect(why, id).toMatch(/\.$/);
  }
  const tables = [decisionRules, hazardRules, preflightRules, wayBackRules];
  expect(entries).toHaveLength(tables.flatMap(Object.keys).length);
});

test('every finding that preflight writes down has an entry, here or among the hazards of the plan', () => {
  const activities = join(import.meta.dirname, '../../activities');
  const files = [
    join(activities, 'secrets.ts'),
    ...readdirSync(join(activities, 'preflight')).map((file) => join(activities, 'preflight', file)),
  ].filter((file) => !file.endsWith('.test.ts'));
  const ids = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\b(?:refusal|warning|note)\(\s*'([a-z-]+)'/g)].map(
      ([, id = '']) => id,
    ),
  );
  expect(ids.length).toBeGreaterThan(30);
  expect([...new Set(ids)].filter((id) => !(id in preflightRules) && !(id in hazardRules))).toEqual([]);
});
