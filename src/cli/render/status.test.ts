import { describe, expect, test } from 'vitest';
import { exampleFleet, minute } from '../../report/example.ts';
import type { FleetView } from '../../report/view.ts';
import { plainPaint } from '../terminal.ts';
import { renderStatus, type StatusPage } from './status.ts';

const page: StatusPage = {
  paint: plainPaint(),
  columns: 100,
  clock: { now: new Date(minute(10)), zone: 'UTC' },
};

/** The example with edge changed. */
function withEdge(change: (edge: NonNullable<FleetView['clusters'][0]>) => void): string {
  const fleet = exampleFleet();
  if (fleet.clusters[0]) change(fleet.clusters[0]);
  return renderStatus(fleet, page);
}

describe('the status page', () => {
  test('names the gate, since when it waits, what it shows, and the exact command', () => {
    const text = renderStatus(exampleFleet(), page);
    expect(text).toContain('waits for a person at gate cutover since 21:06:00 (4 min)');
    expect(text).toContain('no Deployment template');
    expect(text).toContain('flux-handover approve edge cutover --digest sha256:3f9a51c07e2b');
    expect(text).toContain('.diff, 4 KiB');
  });

  test('tells what is done, with commits, and what comes next', () => {
    const text = renderStatus(exampleFleet(), page);
    expect(text).toMatch(/✔ orphan +54 s +1a2b3c4d/);
    expect(text).toMatch(/▲ stage/);
    expect(text).toMatch(/▸ adopt/);
    expect(text).toMatch(/· soak +24h/);
    expect(text).toMatch(/main {2}waits until edge has settled/);
  });

  test('shows a held cluster with what, why, mend and choices', () => {
    const text = withEdge((edge) => {
      Object.assign(edge.status ?? {}, {
        state: 'held',
        gate: null,
        hold: {
          since: minute(8),
          phase: 'adopt',
          findings: [
            {
              id: 'x',
              severity: 'refuse',
              what: 'helm-controller is not Ready',
              why: 'its image can not be pulled',
              mend: 'push the image',
            },
          ],
          choices: ['flux-handover retry edge'],
          byHand: [],
        },
      });
    });
    for (const words of [
      'held in adopt',
      'helm-controller is not Ready',
      'its image can not be pulled',
      'push the image',
      'flux-handover retry edge',
    ])
      expect(text).toContain(words);
    expect(text).toMatch(/✘ adopt/);
  });

  const back = {
    since: minute(8),
    by: 'anna',
    reason: 'alerts after the adoption',
    findings: [],
    left: ['stage', 'operator', 'orphan'] as const,
  };
  const undone = {
    phase: 'adopt',
    startedAt: minute(8),
    endedAt: minute(8.5),
    commit: '4d5e6f708192',
    summary: 'undone (handBack): 29 objects belong to the legacy install again',
    checks: [],
    evidence: [],
  } as const;

  test('tells the way back: on whose word, what is undone, what is next', () => {
    const text = withEdge((edge) => {
      const phases = [...(edge.status?.phases ?? []), undone];
      Object.assign(edge.status ?? {}, { state: 'rolling-back', phase: 'stage', gate: null, back, phases });
    });
    expect(text).toContain('edge  takes the way back: undoes stage since 21:06:00 (4 min)');
    expect(text).toContain('way back on the word of anna: alerts after the adoption since 21:08:00');
    expect(text).toContain('still to be undone: stage, then operator, then orphan');
    expect(text).toMatch(/↩ adopt +30 s +4d5e6f70 +undone \(handBack\): 29 objects/);
    // Nothing lies ahead any more.
    expect(text).not.toContain('· soak');
  });

  test('shows the commands for a compensation that failed, whole, however long', () => {
    const command = `kubectl --context edge ${'very '.repeat(30)}long`;
    const text = withEdge((edge) => {
      const hold = {
        since: minute(9),
        phase: 'stage',
        findings: [],
        choices: ['flux-handover retry edge', "flux-handover skip edge --reason '…'"],
        byHand: ['# must print disabled', command],
      };
      Object.assign(edge.status ?? {}, { state: 'held', phase: 'stage', gate: null, back, hold });
    });
    expect(text).toContain('held on the way back, in stage, a person is asked');
    expect(text).toContain('Held on the way back, in stage: nothing more happens until you decide');
    expect(text).toContain(`       ${command}\n`.trimEnd());
    expect(text).toContain('or do it by hand, then retry (which finds it done) or skip:');
  });

  test('says until when a soak lasts', () => {
    const text = withEdge(
      (edge) =>
        void Object.assign(edge.status ?? {}, {
          state: 'soaking',
          phase: 'soak',
          gate: null,
          until: minute(10 + 23 * 60),
        }),
    );
    expect(text).toContain('soaks until Mon 20:10 (23 h left)');
  });

  test('shows progress, attempts and the last failure of what runs', () => {
    const text = withEdge((edge) => {
      Object.assign(edge.status ?? {}, { state: 'running', gate: null });
      edge.pending = [
        {
          name: 'adoptControllers',
          state: 'started',
          attempt: 2,
          since: minute(9),
          lastHeartbeat: minute(9.9),
          progress: 'waiting for FluxInstance flux: Ready',
          lastFailure: 'the API server gave no answer',
          nextAttempt: null,
        },
      ];
    });
    expect(text).toContain('adoptControllers runs for 1 min, attempt 2, heard of 6 s ago');
    expect(text).toContain('waiting for FluxInstance flux: Ready');
    expect(text).toContain('last failure: the API server gave no answer');
  });

  test('says when no worker answers', () => {
    expect(withEdge((edge) => void (edge.answeredBy = 'memo'))).toContain('no worker answers');
  });

  test('folds what is done on a small screen', () => {
    const text = renderStatus(exampleFleet(), { ...page, compact: true });
    expect(text).toContain('✔ preflight, secrets, orphan, operator, stage');
    expect(text.split('\n').length).toBeLessThan(22);
  });
});
