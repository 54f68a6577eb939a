/** What is told once, what is stopped again, and what waits while a person is asked. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Stand } from '../../cluster/lease.ts';
import { Ages, keyOfFault } from './ages.ts';
import { type Aid, fault } from './fault.ts';

const object = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'flux',
};
const suspend: Aid = { do: 'suspend', object, keep: true, shield: true };
const resumed = fault('owner-resumed', 'Kustomization flux-system/flux', 'lacks suspend: true', 0, [suspend]);
const unready = fault('unready', 'HelmRelease home/demo', 'is not Ready', 30_000);
const later = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const resting = { phase: 'adopt', way: 'forward', acting: false, since: '2026-01-01T00:00:00Z' } as const;

describe('a fault', () => {
  test('counts once it has lasted as long as it may, and from anew where it went in between', () => {
    const ages = new Ages([]);
    expect(ages.due([unready])).toEqual([]);
    later(20_000);
    expect(ages.due([])).toEqual([]);
    expect(ages.due([unready])).toEqual([]);
    later(29_000);
    expect(ages.due([unready])).toEqual([]);
    later(1_000);
    expect(ages.due([unready])).toEqual([unready]);
    expect(ages.of(unready)).toBe(30_000);
  });

  test('that was told is not told again, but stopped again, every few seconds', () => {
    const ages = new Ages([]);
    expect(ages.due([resumed])).toEqual([resumed]);
    ages.aided([resumed]);
    expect(ages.isKnown(resumed)).toBe(true);
    later(4_000);
    expect(ages.due([resumed])).toEqual([]);
    later(2_000);
    expect(ages.due([resumed])).toEqual([resumed]);
  });

  test('whose aid is in force is left alone', () => {
    const ages = new Ages([keyOfFault(resumed)]);
    expect(ages.due([resumed], () => false)).toEqual([]);
    expect(ages.due([resumed], () => true)).toEqual([resumed]);
  });

  test('is said only when it lasts', () => {
    const ages = new Ages([]);
    ages.due([unready]);
    expect(ages.saying([unready], resting)).toBe('watching after adopt: all is well');
    later(5_000);
    expect(ages.saying([unready], resting)).toBe('watching after adopt: HelmRelease home/demo is not Ready');
  });

  test('that was told is said to stand, also while first aid hides it, until the watch begins without it', () => {
    const ages = new Ages(['owner-resumed Kustomization flux-system/flux']);
    expect(ages.saying([], resting)).toBe('watching after adopt: owner-resumed stands; all else is well');
    ages.due([resumed, unready]);
    later(5_000);
    expect(ages.saying([resumed, unready], resting)).toBe(
      'watching after adopt: owner-resumed stands; HelmRelease home/demo is not Ready',
    );
    ages.aided([unready]);
    expect(ages.saying([resumed, unready], resting)).toBe(
      'watching after adopt: owner-resumed, unready stand; all else is well',
    );
    expect(new Ages([]).saying([], resting)).toBe('watching after adopt: all is well');
  });
});

describe('while a person is asked', () => {
  test('only what has to be stopped counts', () => {
    const ages = new Ages(['object-gone Kustomization flux-system/apps']);
    ages.due([unready, resumed]);
    later(60_000);
    expect(ages.due([unready, resumed])).toEqual([resumed]);
    expect(ages.isKnown(resumed)).toBe(false);
    ages.aided([resumed]);
    expect(ages.known).toEqual(['object-gone Kustomization flux-system/apps', keyOfFault(resumed)]);
  });
});

test('of thousands that are gone at once the report carries a few, and every one that may have to be stopped again', () => {
  const ages = new Ages([]);
  const gone = Array.from({ length: 5_000 }, (_, number) =>
    fault('object-gone', `HelmRelease home/${number}`, 'is gone', 0),
  );
  ages.aided([...gone, resumed]);
  expect(ages.known.length).toBeLessThan(200);
  expect(ages.known).toContain(keyOfFault(resumed));
});

test('what it says tells where the run stands', () => {
  const said = (stand: Partial<Stand>) => new Ages([]).saying([], { ...resting, ...stand });
  expect(said({ acting: true })).toBe('watching adopt: all is well');
  expect(said({ way: 'back', acting: true })).toBe('watching while adopt is undone: all is well');
  expect(said({ way: 'back' })).toBe('watching after adopt was undone: all is well');
});
