/**
 * Whatever a plan changes in a file that somebody else wrote, it changes no line more than it has to: every other line is the
 * same to the byte (comments, order, quotes, line ends, trailing spaces), and no value changes but those that are meant to.
 */
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClusterPlan, FileChange } from '../../src/plan/types.ts';
import { caseNames, loadCase } from './case.ts';
import { lineDiff } from './line-diff.ts';
import { meaningDiff, type Difference } from './meaning-diff.ts';
import { isRefused } from './outcome.ts';
import { planCase } from './plan-case.ts';

const planned = caseNames.filter((name) => clustersOf(name).length > 0);

/** Clusters whose plan is made and not refused. */
function clustersOf(name: string): string[] {
  const { expected, todo } = loadCase(name);
  if (todo.plan !== undefined) return [];
  return Object.entries(expected).flatMap(([cluster, { phases }]) =>
    Object.keys(phases ?? {}).length > 0 ? [cluster] : [],
  );
}

/** What the changes of a phase may mean in files that stay. */
const intended: Record<string, (difference: Difference) => boolean> = {
  orphan: ({ path, after }) =>
    (path.endsWith('/spec/prune') && after === false) ||
    (path.endsWith('/spec/deletionPolicy') && after === 'Orphan') ||
    (path.endsWith('/spec/suspend') && after === true),
  operator: isNewResource,
  stage: isNewResource,
  adopt: ({ path, before, after }) =>
    after === undefined &&
    (path.endsWith('/annotations') ||
      path.endsWith('fluxcd.controlplane.io/reconcile') ||
      path.endsWith('/commonAnnotations')) &&
    JSON.stringify(before).includes('disabled'),
  // Something leaves: a document, an entry, a field.
  retire: ({ before, after }) => before !== undefined && after === undefined,
};

describe.each(planned)('%s', (name) => {
  test.each(clustersOf(name))('%s: only what has to change', async (cluster) => {
    const plan = (await planCase(name)).plans.get(cluster)!;
    expect(isRefused(plan)).toBe(false);
    const edits = editsOf(plan);
    expect(edits.length).toBeGreaterThan(0);
    for (const { phase, file } of edits) {
      const [before, after] = [file.before ?? '', file.after ?? ''];
      const differences = meaningDiff(before, after);
      expect(
        differences.filter((difference) => !intended[phase]?.(difference)),
        file.path,
      ).toEqual([]);
      expect(strayLines(before, after, differences), `${phase} ${file.path}`).toEqual([]);
      expect(after.endsWith('\n'), `last line end of ${file.path}`).toBe(before.endsWith('\n'));
      expect(lineEnds(after), `line ends of ${file.path}`).toEqual(lineEnds(before));
    }
  });
});

/** Modified files, but for the bootstrap kustomization, which becomes another one. */
function editsOf(plan: ClusterPlan): { phase: string; file: FileChange }[] {
  const replaced = plan.legacy.bootstrapPath;
  return plan.changes.flatMap(({ phase, files }) =>
    files
      .filter(
        ({ action, path }) =>
          action === 'modify' && !(phase === 'retire' && posix.dirname(path) === replaced),
      )
      .map((file) => ({ phase, file })),
  );
}

/** Changed lines that no changed value accounts for. */
function strayLines(before: string, after: string, differences: Difference[]): string[] {
  const gone = new Set(differences.flatMap(({ path, before: value }) => words(path, value)));
  const come = new Set(differences.flatMap(({ path, after: value }) => words(path, value)));
  const wholeDocument = differences.some(
    ({ path, after: value }) => /^\d+$/.test(path) && value === undefined,
  );
  return lineDiff(before, after).flatMap(({ removed, added }) => {
    const replacedLines = Math.min(removed.length, added.length);
    const stray = removed.slice(0, replacedLines).flatMap((line, index) => {
      const other = added[index] ?? '';
      const [lost, won] = [without(line, other), without(other, line)];
      const explained =
        lost.every((word) => gone.has(word)) &&
        won.every((word) => come.has(word)) &&
        commentOf(line) === commentOf(other);
      return explained ? [] : [`- ${line}`, `+ ${other}`];
    });
    const unexplained = (line: string, known: Set<string>): boolean =>
      !/[^\s-]/.test(line) || !wordsOf(line).every((word) => known.has(word));
    return [
      ...stray,
      ...removed.slice(replacedLines).filter((line) => !wholeDocument && unexplained(line, gone)),
      ...added.slice(replacedLines).filter((line) => unexplained(line, come)),
    ];
  });
}

/** Words of a value as it would stand in YAML, and the key it stands under. */
function words(path: string, value: unknown): string[] {
  if (value === undefined) return [];
  const keys = path.split('/').slice(1);
  return wordsOf(
    `${keys.join(' ')} ${keys.slice(1).join('/')} ${keys.slice(2).join('/')} ${JSON.stringify(value)}`,
  );
}

function without(line: string, other: string): string[] {
  const rest = wordsOf(other);
  return wordsOf(line).filter((word) => !rest.includes(word));
}

function commentOf(line: string): string {
  return /\s#.*/s.exec(line)?.[0] ?? line.slice(line.trimEnd().length);
}

/** A comment at the end of a removed line goes with it. */
function wordsOf(line: string): string[] {
  return line
    .replace(/\s#.*/s, '')
    .split(/[\s"'{}[\],:]+/)
    .filter((word) => /[\w]/.test(word));
}

function lineEnds(text: string): string[] {
  const ends = new Set((text.match(/\r?\n/g) ?? []).map((end) => (end === '\n' ? 'LF' : 'CRLF')));
  return [...ends].sort();
}

function isNewResource({ path, before, after }: Difference): boolean {
  return /^\d+\/resources\/\d+$/.test(path) && before === undefined && typeof after === 'string';
}
