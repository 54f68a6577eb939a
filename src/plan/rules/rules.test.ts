/** The table of rules is whole: every part is in it, no id hides another, and every entry says something. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decisionRules, hazardRules } from './index.ts';

const parts = readdirSync(import.meta.dirname).filter(
  (file) => !['rule.ts', 'index.ts', 'decisions.ts'].includes(file) && !file.endsWith('.test.ts'),
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
  const entries = Object.entries({ ...decisionRules, ...hazardRules });
  for (const [id, { title, looksFor, rule, why, source }] of entries) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const words of [title, looksFor, rule, why, source]) expect(words.length, id).toBeGreaterThan(8);
    expect(why, id).toMatch(/\.$/);
  }
  expect(entries).toHaveLength(Object.keys(decisionRules).length + Object.keys(hazardRules).length);
});
