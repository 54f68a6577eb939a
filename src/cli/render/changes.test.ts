import { describe, expect, test } from 'vitest';
import { exampleFleet, minute } from '../../report/example.ts';
import { changesBetween } from './changes.ts';

const clock = { now: new Date(minute(10)), zone: 'UTC' };

describe('plain lines of what changed', () => {
  test('begin with the whole story, each line with its own time', () => {
    const lines = changesBetween(null, exampleFleet(), clock);
    expect(lines[0]).toBe('21:00:00 edge   preflight begins');
    expect(lines).toContain(
      '21:02:00 edge   orphan ended, commit 1a2b3c4d: Kustomization flux-system/flux is suspended and prunes no more',
    );
    expect(lines).toContain('21:00:54 edge   approve start by anna: accepted, the digest is the one shown');
    expect(lines.join('\n')).toContain('flux-handover approve edge cutover --digest sha256:3f9a51c07e2b');
  });

  test('are none when nothing changed', () => {
    expect(changesBetween(exampleFleet(), exampleFleet(), clock)).toEqual([]);
  });

  test('tell a new phase, its end, and the end of the fleet', () => {
    const after = exampleFleet({ state: 'completed', endedAt: minute(10) });
    const status = after.clusters[0]?.status;
    Object.assign(status ?? {}, { state: 'done', gate: null });
    status?.phases.push({
      phase: 'adopt',
      startedAt: minute(9),
      endedAt: minute(9.5),
      commit: 'abcdef012345',
      summary: 'adopted',
      checks: [],
      evidence: [],
    });
    expect(changesBetween(exampleFleet(), after, clock)).toEqual([
      '21:09:00 edge   adopt begins',
      '21:09:30 edge   adopt ended, commit abcdef01: adopted',
      '21:10:00 edge   is handed over, healthy',
      '21:10:00 fleet  completed',
    ]);
  });
});
