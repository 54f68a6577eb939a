import { expect, test } from 'vitest';
import { judgeEarlierRuns } from './earlier-run.ts';

const ours = { run: 'home-2', cluster: 'edge' };

test('what an earlier run left in force is refused, with the command that says more and the one that mends it', () => {
  const [finding, ...more] = judgeEarlierRuns(
    [{ run: 'home-1', inForce: ['orphan', 'operator'], commits: [], undoing: null }],
    ours,
  );
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ id: 'earlier-run', severity: 'refuse' });
  expect(finding?.what).toContain('of run home-1, orphan, operator are still in force');
  expect(finding?.mend).toContain('flux-handover rollback --direct edge');
});

test('a run that was undone whole, and our own, are in nobody’s way', () => {
  expect(
    judgeEarlierRuns(
      [
        { run: 'home-1', inForce: [], commits: [], undoing: 'orphan' },
        { run: 'home-2', inForce: ['orphan'], commits: [], undoing: null },
      ],
      ours,
    ),
  ).toEqual([]);
});
