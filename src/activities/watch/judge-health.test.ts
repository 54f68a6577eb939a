/** How long what is not Ready is borne, and how many failures and restarts: what a person is woken for, and what not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Condition, LiveObject } from '../../cluster/objects.ts';
import { Ages } from './ages.ts';
import { objectsAfter, sightOf } from './fixtures.ts';
import { judgeSight } from './judge-sight.ts';
import { newTally, type Tally } from './tally.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-22T21:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const minute = 60_000;
const soaking = { phase: 'adopt', way: 'forward', acting: false } as const;

function judged(objects: LiveObject[], tally: Tally) {
  return judgeSight(
    sightOf('self-managed', soaking, [...objectsAfter('self-managed', 'adopt'), ...objects]),
    tally,
  );
}

const versions: Record<string, string> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
  HelmRelease: 'helm.toolkit.fluxcd.io/v2',
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  ImageRepository: 'image.toolkit.fluxcd.io/v1',
  FluxInstance: 'fluxcd.controlplane.io/v1',
};
function object(kind: string, spec: object, ready: Partial<Condition>): LiveObject {
  return {
    apiVersion: versions[kind] ?? '',
    kind,
    metadata: { name: 'demo', namespace: 'flux-system', uid: 'u', resourceVersion: '7', generation: 3 },
    spec,
    status: {
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 3, ...ready }],
    },
  };
}

const upgrading = { status: 'Unknown', reason: 'Progressing' } as const;
const failed = { status: 'False', reason: 'UpgradeFailed' } as const;
const healthy = { status: 'True', reason: 'ReconciliationSucceeded' } as const;
const waits = (reason: string) => ({ status: 'False', reason }) as const;

type Step = [minutes: number, ready: Partial<Condition>];

/** The breach that is told, and the minute of it. Looked at every ten seconds. */
function told(kind: string, spec: object, ...steps: Step[]): string {
  const [tally, ages] = [newTally(), new Ages([])];
  const begin = Date.now();
  for (const [minutes, ready] of steps)
    for (const until = Date.now() + minutes * minute; Date.now() < until; vi.advanceTimersByTime(10_000)) {
      const [due] = ages.due(judged([object(kind, spec, ready)], tally));
      if (due) return `${due.id} after ${Math.round((Date.now() - begin) / minute)}m`;
    }
  return 'nothing';
}

describe('no breach is', () => {
  test.each<[string, string, object, Step[]]>([
    [
      'an upgrade as long as Helm may take',
      'HelmRelease',
      {},
      [
        [5.5, upgrading],
        [1, healthy],
      ],
    ],
    [
      'an upgrade with a timeout of its own',
      'HelmRelease',
      { upgrade: { timeout: '15m' } },
      [[15.5, upgrading]],
    ],
    ['an upgrade with the timeout of its release', 'HelmRelease', { timeout: '1h0m0s' }, [[60.5, upgrading]]],
    [
      'a health check within its timeout',
      'Kustomization',
      { interval: '1h', timeout: '10m' },
      [[10.5, upgrading]],
    ],
    ['a health check that lasts for an interval', 'Kustomization', { interval: '30m' }, [[30, upgrading]]],
    [
      'a health check that a new commit ends',
      'Kustomization',
      { timeout: '10m' },
      [
        [6, upgrading],
        [0.5, waits('HealthCheckCanceled')],
        [3, upgrading],
        [1, healthy],
      ],
    ],
    [
      'a failure that the next attempt heals',
      'HelmRelease',
      {},
      [
        [4.5, upgrading],
        [1, failed],
        [1, healthy],
      ],
    ],
    [
      'what waits for its turn',
      'HelmRelease',
      {},
      [
        [10, waits('DependencyNotReady')],
        [5, upgrading],
      ],
    ],
    [
      'Git that is away for ten minutes',
      'GitRepository',
      {},
      [
        [10, waits('GitOperationFailed')],
        [1, healthy],
      ],
    ],
    ['a registry that is away for ten minutes', 'ImageRepository', {}, [[10, waits('ReadOperationFailed')]]],
    [
      'a distribution that can not be fetched for ten minutes',
      'FluxInstance',
      {},
      [[10, waits('ArtifactFailed')]],
    ],
  ])('%s', (_, kind, spec, steps) => {
    expect(told(kind, spec, ...steps)).toBe('nothing');
  });
});

describe('a breach is', () => {
  test.each<[string, string, object, Step[], string]>([
    ['what fails and stays so', 'HelmRelease', {}, [[60, failed]], 'unready after 2m'],
    [
      'an upgrade that ends in a failure',
      'HelmRelease',
      {},
      [
        [3, upgrading],
        [60, failed],
      ],
      'unready after 5m',
    ],
    ['an upgrade that never ends', 'HelmRelease', {}, [[60, upgrading]], 'unready after 6m'],
    [
      'one that is tried again and again',
      'Kustomization',
      { timeout: '5m' },
      [
        [5, upgrading],
        [1, failed],
        [5, upgrading],
      ],
      'unready after 6m',
    ],
    [
      'Git that stays away',
      'GitRepository',
      {},
      [[60, waits('GitOperationFailed')]],
      'source-unready after 11m',
    ],
    [
      'what waits for ever',
      'Kustomization',
      {},
      [[60, waits('DependencyNotReady')]],
      'source-unready after 11m',
    ],
    [
      'a chart that does not come',
      'HelmRelease',
      {},
      [[60, waits('SourceNotReady')]],
      'source-unready after 11m',
    ],
  ])('%s', (_, kind, spec, steps, expected) => {
    expect(told(kind, spec, ...steps)).toBe(expected);
  });

  test('what failed at a generation that is not noted as looked at', () => {
    const [tally, ages] = [newTally(), new Ages([])];
    const changed = object('Kustomization', { interval: '1h' }, { ...waits('BuildFailed') });
    changed.status = { ...(changed.status as object), observedGeneration: 2 };
    expect(ages.due(judged([changed], tally))).toEqual([]);
    vi.advanceTimersByTime(2 * minute);
    expect(ages.due(judged([changed], tally))).toMatchObject([{ id: 'unready' }]);
  });
});

describe('what is counted', () => {
  /** @param every minutes between two of them */
  function flaking(kind: string, reason: string, every: number, times: number): string {
    const [tally, ages] = [newTally(), new Ages([])];
    for (let time = 1; time <= times; time += 1) {
      const turned = { ...waits(reason), lastTransitionTime: new Date().toISOString().replace('.000', '') };
      const [due] = ages.due(judged([object(kind, {}, turned)], tally));
      if (due) return `${due.id} ${due.detail}`;
      ages.due(judged([object(kind, {}, healthy)], tally));
      vi.advanceTimersByTime(every * minute);
    }
    return 'nothing';
  }

  test('failures of what recovers each time, within an hour', () => {
    expect(flaking('Kustomization', 'HealthCheckFailed', 9, 6)).toMatch(
      /^failing failed 6 times within an hour, the last time with HealthCheckFailed/,
    );
  });
  test('not those of a whole soak', () => {
    expect(flaking('Kustomization', 'HealthCheckFailed', 13, 200)).toBe('nothing');
  });
  test('those of a source as what they are', () => {
    expect(flaking('GitRepository', 'GitOperationFailed', 5, 6)).toMatch(/^source-unready failed 6 times/);
  });
  test('not what waited for a source, or for a new commit', () => {
    expect(flaking('HelmRelease', 'SourceNotReady', 1, 50)).toBe('nothing');
    expect(flaking('Kustomization', 'HealthCheckCanceled', 1, 50)).toBe('nothing');
  });

  const pod = (restartCount: number, creationTimestamp = '2026-11-22T20:05:00Z'): LiveObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'kustomize-controller-5d7f9c-x2x4z',
      namespace: 'flux-system',
      uid: 'uid-of-pod',
      resourceVersion: '7',
      creationTimestamp,
    },
    status: {
      containerStatuses: [
        {
          name: 'manager',
          restartCount,
          lastState: {
            terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-22T20:30:00Z' },
          },
        },
      ],
    },
  });
  const restarted = (tally: Tally, count: number, since?: string) =>
    judged([pod(count, since)], tally).map(({ detail }) => detail);

  test('restarts of a controller within an hour, with what ended it', () => {
    const tally = newTally();
    expect(restarted(tally, 9)).toEqual([]);
    expect(restarted(tally, 12)).toEqual([]);
    vi.advanceTimersByTime(50 * minute);
    expect(restarted(tally, 13)).toEqual([
      expect.stringContaining(
        'restarted 4 times within an hour, the last time with OOMKilled (exit code 137)',
      ),
    ]);
    vi.advanceTimersByTime(11 * minute);
    expect(restarted(tally, 13)).toEqual([]);
  });
  test('not again by the watch that begins with retry', () => {
    const tally = newTally();
    restarted(tally, 0);
    expect(restarted(tally, 4)).toHaveLength(1);
    const again = newTally();
    expect(restarted(again, 4)).toEqual([]);
    expect(restarted(again, 7)).toEqual([]);
  });
  test('all of a pod that is younger than the watch', () => {
    const tally = newTally();
    vi.advanceTimersByTime(minute);
    expect(restarted(tally, 4, '2026-11-22T21:00:30Z')).toHaveLength(1);
  });
});
