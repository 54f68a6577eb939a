/**
 * Every case of test/repos is planned as its expected.yaml says: shape, decisions, hazards with their places, files of each
 * commit, what disappears, and the content of each touched file in the end.
 * `UPDATE=yes` writes the contents in expected/ anew (never expected.yaml): read every line of it before you commit it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { caseNames, loadCase, readFiles, type RepoFiles } from './case.ts';
import { endOf, expectationOf, hazardsInWords, isRefused, outcomeOf } from './outcome.ts';
import { planCase } from './plan-case.ts';
import { readmeFile, renderReadme } from './readme.ts';

const update = process.env['UPDATE'] === 'yes';

test('there is a case for every shape and trap', () => {
  expect(caseNames.length).toBeGreaterThanOrEqual(35);
});

test('README.md lists every case', () => {
  if (update) writeFileSync(readmeFile, renderReadme());
  expect(readFileSync(readmeFile, 'utf8')).toBe(renderReadme());
});

describe.each(caseNames)('%s', (name) => {
  const loaded = loadCase(name);
  const { expected, todo, config } = loaded;
  const clusters = config.clusters.map((cluster) => cluster.name);

  test('expects something of each cluster', () => {
    expect(Object.keys(expected).sort()).toEqual(clusters.toSorted());
  });

  test.each(clusters)('%s is planned as expected', { fails: todo.plan !== undefined }, async (cluster) => {
    const plan = (await planCase(name)).plans.get(cluster)!;
    const expectation = expected[cluster]!;
    const refused = isRefused(plan);
    const words = hazardsInWords(plan.hazards);
    expect(outcomeOf(plan, expectation), words).toEqual(expectationOf(expectation));
    expect(expectation.phases !== undefined, 'phases are expected of a plan that is not refused').toBe(
      !refused,
    );

    const { folder, inherited } = loaded.end(cluster);
    // Of a refused plan no commit is ever made.
    const end = refused ? new Map<string, string | null>() : endOf(plan);
    const texts = new Map([...end].flatMap(([path, after]) => (after === null ? [] : [[path, after]])));
    if (update) write(folder, texts, inherited);
    const wanted = new Map(refused ? [] : [...inherited, ...readFiles(folder)]);
    expect(Object.fromEntries(texts)).toEqual(
      Object.fromEntries([...wanted].map(([path, { content }]) => [path, content.toString('utf8')])),
    );
  });
});

/** Only what the case does not have from another one. */
function write(folder: string, end: Map<string, string>, inherited: RepoFiles): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of end) {
    if (inherited.get(path)?.content.equals(Buffer.from(text))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
