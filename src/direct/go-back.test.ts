import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClusterActivities, VerifyResult } from '../activities/contract.ts';
import { failure, refusal } from '../activities/failure.ts';
import type { RunRecord } from '../activities/run-record.ts';
import type { Standing } from '../activities/standing/standing.ts';
import type { Driver } from './driver.ts';
import { goBack, type Told } from './go-back.ts';

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 5_000 }));
afterEach(() => void vi.useRealTimers());

const record = { run: 'home-1', cluster: 'edge' } as RunRecord;
const half: Standing = {
  cluster: 'edge',
  at: 'underway',
  run: 'home-1',
  phase: 'stage',
  way: 'forward',
  due: [
    { name: 'removeInstance', phase: 'stage' },
    { name: 'removeOperator', phase: 'operator' },
    { name: 'restoreLegacyOwner', phase: 'orphan' },
  ],
  record,
  lease: null,
  evidence: [],
  commits: [],
  misfits: [],
  notes: [],
  gitAnswers: true,
};

const good: VerifyResult = {
  ok: true,
  checks: [{ name: 'flux check', ok: true, detail: '' }],
  evidence: [],
  gateDigest: '',
};

/** A driver that writes down what it is asked to do. */
function watched(answers: Partial<Record<keyof ClusterActivities, (nth: number) => unknown>> = {}): {
  driver: Driver;
  journal: string[];
} {
  const journal: string[] = [];
  const activities = new Proxy({} as ClusterActivities, {
    get: (_target, name: keyof ClusterActivities) => async (input: { phase?: string }) => {
      journal.push(`${name}${input.phase ? ` ${input.phase}` : ''}`);
      const nth = journal.filter((entry) => entry.startsWith(name)).length;
      const usual = name === 'verify' ? good : { summary: `${name} done`, dependents: [] };
      return answers[name]?.(nth) ?? usual;
    },
  });
  const driver: Driver = {
    activities,
    standing: () => Promise.reject(new TypeError('not asked')),
    takeOver: async () => void journal.push('takeOver'),
    release: async () => void journal.push('release'),
    rescue: async (_record, retired) => {
      journal.push(`rescue${retired ? ' after retire' : ''}`);
      return { summary: 'disabled' };
    },
    input: () => ({ run: 'home-1' }) as never,
  };
  return { driver, journal };
}

const silent: Told = { begins() {}, done() {}, again() {} };
const go = (driver: Driver, from = half) => goBack(driver, from, silent, new AbortController().signal);
const gitAway = () => failure('Unreachable', [refusal('git-unreachable', 'Git is away', 'why', 'mend')]);

test('takes the Lease, undoes what is due in its order, judges the cluster, and releases the Lease', async () => {
  const { driver, journal } = watched();
  expect(await go(driver)).toMatchObject({ ended: 'legacy' });
  expect(journal).toEqual([
    'takeOver',
    'findDependents',
    'removeInstance stage',
    'removeOperator operator',
    'restoreLegacyOwner orphan',
    'verify preflight',
    'endRun',
  ]);
});

test('what people built on the operator stops it before the operator goes, unless it is to be left behind', async () => {
  const built = refusal('built-on-operator', 'ResourceSet apps/tenants manages 12 objects', 'why', 'mend');
  const answers = { findDependents: () => ({ dependents: [built] }) };
  const asked = watched(answers);
  await expect(go(asked.driver)).rejects.toThrow('ResourceSet apps/tenants manages 12 objects');
  expect(asked.journal.at(-1)).toBe('findDependents');
  const { driver, journal } = watched(answers);
  const signal = new AbortController().signal;
  expect(await goBack(driver, half, silent, signal, { leaveBehind: true })).toMatchObject({
    ended: 'legacy',
  });
  expect(journal).not.toContain('findDependents');
});

test('a cluster that is not what it was keeps its Lease', async () => {
  const { driver, journal } = watched({ verify: () => ({ ...good, ok: false }) });
  expect(await go(driver)).toMatchObject({ ended: 'unlike' });
  expect(journal).not.toContain('endRun');
});

test('what passes by itself is tried again', async () => {
  const { driver, journal } = watched({
    removeOperator: (nth) => {
      if (nth < 3) throw failure('NotYet', [refusal('race', 'a push came first', 'why', 'mend')]);
      return { summary: 'done' };
    },
  });
  expect(await go(driver)).toMatchObject({ ended: 'legacy' });
  expect(journal.filter((entry) => entry.startsWith('removeOperator'))).toHaveLength(3);
});

test('what needs a person ends it there: nothing further is undone, and the Lease stays', async () => {
  const { driver, journal } = watched({
    removeOperator: () => {
      throw failure('NotReady', [refusal('not-ready', 'it does not go', 'why', 'mend')]);
    },
  });
  await expect(go(driver)).rejects.toThrow('it does not go');
  expect(journal.at(-1)).toBe('removeOperator operator');
});

test('without Git only what is urgent is done, and what is left is said', async () => {
  const { driver, journal } = watched();
  const due = [{ name: 'restoreRetired', phase: 'retire' } as const, ...half.due];
  expect(await go(driver, { ...half, due, gitAnswers: false })).toMatchObject({
    ended: 'waits-for-git',
    left: due,
  });
  expect(journal).toEqual(['takeOver', 'rescue after retire']);
});

test('a Git that goes away in between ends it in the same way', async () => {
  const { driver, journal } = watched({
    removeOperator: () => {
      throw gitAway();
    },
  });
  const ending = await go(driver);
  expect(ending).toMatchObject({ ended: 'waits-for-git', trouble: { id: 'git-unreachable' } });
  expect(ending).toMatchObject({ left: [{ phase: 'operator' }, { phase: 'orphan' }] });
  expect(journal.at(-1)).toBe('rescue');
});

test('a run that left nothing to go by is refused before anything is touched', async () => {
  const { driver, journal } = watched();
  await expect(go(driver, { ...half, record: null, due: [] })).rejects.toThrow(
    'left neither a baseline nor commits',
  );
  expect(journal).toEqual([]);
});
