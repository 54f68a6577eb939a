/** What is looked at now and then: told once two looks found it, forgotten when a step came between. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClusterError } from '../../cluster/errors.ts';
import { type Verdict, verdict } from '../../cluster/verdict.ts';
import type { Session } from '../session.ts';
import type { Sight } from './fault.ts';
import { objectsAfter, sightOf } from './fixtures.ts';
import { SlowLook } from './slow-look.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gone = verdict('same identities', ['PersistentVolumeClaim media/films is gone'], '');
const well = verdict('same identities', [], 'all is there');
const halfMinute = 30_000;
const minutes = (count: number): number => count * 60_000;

/** @param looks what each look finds, in turn; the last one is found again and again */
function watching(...looks: (Verdict | Error)[]) {
  let count = 0;
  const slow = new SlowLook({} as Session, async () => {
    const found = looks[Math.min(count, looks.length - 1)];
    count += 1;
    if (!found || found instanceof Error) throw found ?? new Error('nothing to find');
    return [found];
  });
  const stand = { phase: 'adopt', way: 'forward', acting: false } as const;
  return {
    looks: () => count,
    /** What is told after a while in which the watch called every second. */
    after: async (milliseconds: number, change: Partial<Sight['stand']> = {}): Promise<string[]> => {
      const sight = sightOf('self-managed', { ...stand, ...change }, objectsAfter('self-managed', 'adopt'));
      slow.faults(sight);
      for (let passed = 0; passed < milliseconds; passed += 1_000) {
        await vi.advanceTimersByTimeAsync(1_000);
        slow.faults(sight);
      }
      return slow.faults(sight).map(({ detail }) => detail);
    },
  };
}

test('what one look finds is told once the next one finds it, too', async () => {
  const watch = watching(gone);
  expect(await watch.after(halfMinute - 1_000)).toEqual([]);
  expect(await watch.after(3_000)).toEqual(['PersistentVolumeClaim media/films is gone']);
});

test('what the next look does not find is never told', async () => {
  const watch = watching(gone, well, gone, well);
  for (let minute = 0; minute < 4; minute += 1) expect(await watch.after(minutes(0.5))).toEqual([]);
});

test('a small cluster is not looked at more often than twice a minute', async () => {
  const watch = watching(well);
  await watch.after(minutes(5));
  expect(watch.looks()).toBeLessThanOrEqual(11);
  expect(watch.looks()).toBeGreaterThan(8);
});

test('what was found before a step is forgotten, and has to be found twice after it', async () => {
  const watch = watching(gone);
  expect(await watch.after(minutes(1.2))).not.toEqual([]);
  expect(await watch.after(5_000, { phase: 'retire', acting: true })).toEqual([]);
  expect(await watch.after(5_000, { phase: 'retire' })).toEqual([]);
  expect(await watch.after(minutes(1.2), { phase: 'retire' })).not.toEqual([]);
});

test('a look that a step overtook counts for nothing', async () => {
  let answer: (found: Verdict[]) => void = () => {};
  const looks: Promise<Verdict[]>[] = [new Promise((resolve) => (answer = resolve))];
  const slow = new SlowLook({} as Session, () => looks.shift() ?? Promise.resolve([gone]));
  const objects = objectsAfter('self-managed', 'adopt');
  const at = (phase: 'adopt' | 'retire', acting = false) =>
    slow.faults(sightOf('self-managed', { phase, way: 'forward', acting }, objects));
  at('adopt');
  at('retire', true);
  at('retire');
  answer([gone]);
  await vi.advanceTimersByTimeAsync(halfMinute);
  // Only the second look belongs to where the run stands now.
  at('retire');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(at('retire')).toEqual([]);
});

const forbidden = new ClusterError('forbidden', 'RBAC: role not found', 403);

test('an API server that starts may refuse for a moment', async () => {
  const watch = watching(forbidden, forbidden, gone);
  expect(await watch.after(minutes(3))).toEqual(['PersistentVolumeClaim media/films is gone']);
});

test('one that goes on refusing ends the watch', async () => {
  await expect(watching(forbidden).after(minutes(4))).rejects.toThrow('RBAC');
});
