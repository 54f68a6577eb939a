import { describe, expect, test } from 'vitest';
import { exampleFleet, examplePlan, minute } from './example.ts';
import { forPrograms } from './programs-view.ts';
import { renderReport } from './render-report.ts';
import { makeReport } from './report.ts';

const clock = { now: new Date(minute(10)), zone: 'Europe/Berlin' };

describe('the report', () => {
  const report = makeReport(
    exampleFleet({ state: 'completed', endedAt: minute(10) }),
    examplePlan,
    '/evidence',
  );
  const text = renderReport(report, clock);

  test('names the run, its plan and its times with the offset', () => {
    expect(text).toContain('| Run | `home-20261122-7f3a` |');
    expect(text).toContain('2026-11-22 22:00:00 +01:00 by anna');
    expect(text).toContain('(10 min)');
  });

  test('lists approvals with who, when and verdict', () => {
    expect(text).toContain(
      '| 2026-11-22 22:00:54 +01:00 | anna | approve start | read it twice | accepted | the digest is the one shown |',
    );
  });

  test('lists phases with times and commits, and evidence with digest and place', () => {
    expect(text).toMatch(/\| orphan \| 2026-11-22 22:01:06 \+01:00 \| 54 s \| `1a2b3c4d5e6f` \|/);
    expect(text).toContain(
      `| stage | dry run | \`home-1/edge/stage/dry-run.diff\` | 4100 | \`sha256:${'aa'.repeat(32)}\` |`,
    );
  });

  test('tells a check that failed, with its pipes kept inside the cell', () => {
    expect(text).toContain('✘ `flux get ks -A`');
    expect(text).toContain('apps/notes is not Ready | build failed');
  });

  test('takes decisions from the plan when it is at hand', () => {
    expect(text).toContain('| Does SOPS stay? | yes, unchanged |');
    expect(renderReport(makeReport(exampleFleet(), null, '/evidence'), clock)).not.toContain('### Decisions');
  });

  test('counts the work without the soaks', () => {
    expect(report.clusters[0]?.workingMilliseconds).toBe(5.2 * 60_000);
  });
});

describe('the view for programs', () => {
  test('gives each cluster as its status, one that was not begun as pending', () => {
    const { fleet, clusters } = forPrograms(exampleFleet());
    expect(fleet).toMatchObject({
      fleet: 'home',
      run: 'home-20261122-7f3a',
      state: 'running',
      clusters: [
        { cluster: 'edge', state: 'waiting-for-gate' },
        { cluster: 'main', state: 'pending' },
      ],
    });
    expect(clusters[0]).toMatchObject({
      cluster: 'edge',
      run: 'home-20261122-7f3a',
      phase: 'adopt',
      workflow: 'running',
      gate: { gate: 'cutover' },
    });
    expect(clusters[1]).toMatchObject({
      cluster: 'main',
      state: 'pending',
      phase: null,
      gate: null,
      hold: null,
      phases: [],
    });
  });
});
