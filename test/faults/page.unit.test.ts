/** What a reader of the matrix sees: a row for each fault and moment, what was asked, what is broken; and how far the command is. */
import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../src/plan/phases.ts';
import { cellsOf } from './cells.ts';
import { matrixPage } from './markdown.ts';
import { Progress } from './progress.ts';
import { lastResults, type CellResult } from './results.ts';

const cells = cellsOf(phasesOf('self-managed') ?? []);

function result(cell: string, more: Partial<CellResult> = {}): CellResult {
  return {
    cell,
    commit: 'abc1234',
    at: '2026-03-01T10:00:00.000Z',
    verdict: 'went-on',
    seconds: 31,
    committed: true,
    broken: [],
    asked: null,
    answer: null,
    end: null,
    ...more,
  };
}

function page(results: CellResult[]): string {
  return matrixPage({
    cells,
    results: new Map(results.map((each) => [each.cell, each])),
    commit: 'abc1234',
    seed: 42,
    whole: new Set(['adopt/git-gone-during']),
  });
}

describe('the page', () => {
  it('says what became of a cell, in seconds, and what was not run', () => {
    const text = page([
      result('adopt/worker-killed-during'),
      result('stage/worker-killed-during', { verdict: 'came-back', seconds: 70 }),
    ]);
    expect(text).toContain('| fault | orphan | operator | stage | adopt | retire |');
    expect(text).toContain(
      '| worker-killed, during | not run | not run | came back, 70 s | went on, 31 s | not run |',
    );
    expect(text).toContain('| operator-crash-looping, during | does not apply | not run |');
    expect(text).toContain('Commit `abc1234`, 2026-03-01. 2 of 74 cells ran (72 are still to be run)');
  });

  it('shows the request of a hold with the answer to it, and where a whole run ended', () => {
    const text = page([
      result('adopt/git-gone-during', {
        verdict: 'held',
        asked: 'Git does not answer. Mend: wait',
        answer: 'retry, which led on',
        end: 'handed over, everything Ready',
      }),
    ]);
    expect(text).toContain(
      '- `adopt/git-gone-during`: Git does not answer. Mend: wait. Answer: retry, which led on.',
    );
    expect(text).toContain('SEED=42');
    expect(text).toContain('- `adopt/git-gone-during`: handed over, everything Ready');
  });

  it('does not hide what is broken or stuck', () => {
    const text = page([
      result('adopt/disk-full-during', { broken: ['namespaces/flux-system was deleted or made anew'] }),
      result('stage/disk-full-during', { verdict: 'stuck' }),
    ]);
    expect(text).toContain('2 did not pass');
    expect(text).toContain('went on, 31 s, **broken**');
    expect(text).toContain('- `adopt/disk-full-during`: namespaces/flux-system was deleted or made anew');
    expect(text).toContain('- `stage/disk-full-during`: **stuck**');
  });
});

describe('the kept results', () => {
  it('are the last of each cell, of one commit, without a line that was cut short', () => {
    const lines = [
      result('adopt/git-gone-during', { seconds: 1 }),
      result('adopt/git-gone-during', { seconds: 2 }),
      result('stage/git-gone-during', { commit: 'other' }),
    ].map((each) => JSON.stringify(each));
    const kept = lastResults([...lines, '{"cell":"retire/git-g'].join('\n'), 'abc1234');
    expect([...kept.values()].map(({ cell, seconds }) => [cell, seconds])).toEqual([
      ['adopt/git-gone-during', 2],
    ]);
  });
});

describe('the progress', () => {
  it('counts down, and reckons with the pace so far', () => {
    const progress = new Progress(3, 2);
    expect(progress.did(result('stage/git-gone-during'), 60_000)).toMatch(/2 left, about 2 min/);
    expect(progress.did(result('adopt/git-gone-during', { broken: ['a hole'] }), 120_000)).toMatch(
      /NOT PASSED: a hole \[1 left, about 1 min/,
    );
    expect(progress.did(result('retire/git-gone-during'), 180_000)).toMatch(/the last/);
  });
});
