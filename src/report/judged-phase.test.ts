import { expect, test } from 'vitest';
import type { PhaseName } from '../plan/phases.ts';
import type { ClusterStatus } from '../workflows/contract.ts';
import { judgedPhase } from './judged-phase.ts';

const record = (
  phase: PhaseName,
  endedAt: string | null,
  checked = false,
): ClusterStatus['phases'][number] => ({
  phase,
  startedAt: '2026-11-22T20:00:00Z',
  endedAt,
  commit: null,
  summary: '',
  checks: checked ? [{ name: 'flux check', ok: false, detail: '' }] : [],
  evidence: [],
});
const ended = '2026-11-22T20:05:00Z';

function at(change: Partial<ClusterStatus>): PhaseName | null {
  const since = '2026-11-22T20:00:00Z';
  const idle = { gate: null, hold: null, back: null, until: null, audit: [] };
  return judgedPhase({
    run: 'home-1',
    cluster: 'edge',
    state: 'held',
    phase: null,
    since,
    planDigest: 'sha256:1',
    ...idle,
    phases: [],
    ...change,
  });
}

test('forward it is the last phase that has acted, also where its checklist did not hold', () => {
  expect(at({ phases: [record('preflight', ended)] })).toBeNull();
  const begun = [record('preflight', ended), record('secrets', ended), record('orphan', ended, true)];
  expect(at({ phases: [...begun, record('operator', null)] })).toBe('orphan');
  expect(at({ phases: [...begun, record('operator', null, true)] })).toBe('operator');
});

test('on the way back it is the next phase to be undone, then the cluster as preflight found it', () => {
  const phases = [record('preflight', ended), record('orphan', ended, true), record('adopt', ended, true)];
  const back = { since: ended, by: 'anna', reason: '', findings: [] };
  expect(at({ phases, back: { ...back, left: ['orphan'] } })).toBe('orphan');
  expect(at({ phases, back: { ...back, left: [] } })).toBe('preflight');
  expect(at({ phases, state: 'rolled-back' })).toBe('preflight');
});
