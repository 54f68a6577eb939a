/** What the watch says of itself when it does not see: once it lasts, once, and without calling anything gone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cluster, openCluster } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/errors.ts';
import { LeaseNotOurs } from '../../cluster/lease.ts';
import type { LiveView, Trouble } from '../../cluster/live-view.ts';
import { handoverSchema } from '../../config/schema.ts';
import { RepositoryError } from '../../repo/errors.ts';
import type { WatchInput, WatchResult } from '../contract.ts';
import type { Session } from '../session.ts';
import { blindnessOf, untilSeen } from './blindness.ts';
import { objectsAfter, sightOf } from './fixtures.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const down = new ClusterError('unreachable', 'ECONNREFUSED');
const refused = new ClusterError('forbidden', 'Unauthorized', 401);

function trouble(kind: string, error: ClusterError, changed: Partial<Trouble> = {}): Trouble {
  const resource = { apiVersion: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
  return { resource, error, since: Date.now(), known: true, ...changed };
}

function viewWith(...troubles: Trouble[]): LiveView {
  return { troubles, find: () => null } as unknown as LiveView;
}

describe('a live view', () => {
  const stand = { phase: 'soak', way: 'forward', acting: false } as const;
  const sight = sightOf('self-managed', stand, objectsAfter('self-managed', 'adopt'));
  const see = (...troubles: Trouble[]) => blindnessOf(sight, viewWith(...troubles), true);

  test('without trouble sees all', () => {
    expect(see()).toEqual({ away: null, partly: [], unknown: new Set() });
  });

  test('of which one collection fails is blind there alone', () => {
    const { away, partly } = see(trouble('Pod', down));
    expect(away).toBeNull();
    expect(partly).toMatchObject([
      { id: 'unseen', subject: 'Pod (v1)', detail: 'can not be watched: ECONNREFUSED', patience: 120_000 },
    ]);
  });

  test('knows nothing of a kind that it never saw', () => {
    expect([...see(trouble('Pod', down), trouble('Node', refused, { known: false })).unknown]).toEqual([
      'Node',
    ]);
  });

  test('without the Lease, too, has nobody who answers, and that is said alone', () => {
    const { away, partly } = see(trouble('Pod', down), trouble('Lease', down));
    expect(away).toMatchObject({ id: 'api-server', detail: 'does not answer: ECONNREFUSED' });
    expect(partly).toEqual([]);
  });

  test('that lists again because a version has gone, or whose kind has gone, is not blind', () => {
    const gone = new ClusterError('not-found', 'gone', 404);
    expect(
      see(trouble('Pod', new ClusterError('expired', 'old', 410)), trouble('Alert', gone)).partly,
    ).toEqual([]);
  });

  test('with refused credentials begins anew, unless that passes', () => {
    const lease = (ago: number) => trouble('Lease', refused, { since: Date.now() - ago });
    expect(see(lease(10_000)).away).toBeNull();
    expect(() => see(lease(16_000))).toThrow(refused);
  });

  test('leaves it to a step to say that it waits', () => {
    const acting = { ...sight, stand: { ...sight.stand, acting: true } };
    expect(blindnessOf(acting, viewWith(trouble('Lease', down)), true).away?.patience).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('a watch that can not begin', () => {
  const config = handoverSchema.parse({
    apiVersion: 'flux-handover/v1',
    fleet: 'home',
    repository: { url: 'https://git.example.com/home-ops' },
    clusters: [{ name: 'edge', branch: 'edge', path: 'kubernetes/edge', context: 'test' }],
  });
  const directory = mkdtempSync(join(tmpdir(), 'blindness-'));
  const kubeconfig = join(directory, 'kubeconfig');
  beforeAll(() =>
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'u', user: { token: 'x' } }],
        contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
      }),
    ),
  );
  afterAll(() => rmSync(directory, { recursive: true }));
  /** Each attempt has one of its own, with the credentials of that moment. */
  let clusters: Set<Cluster>;
  const session = (known: string[] = []): Session<WatchInput> =>
    ({
      input: { config, cluster: 'edge', acting: false, known },
      settings: config.clusters[0],
      namespace: 'flux-system',
      signal: new AbortController().signal,
      progress: () => {},
      redact: (text: string) => text.replace('secret', '…'),
      cluster: openCluster({ context: 'test', kubeconfig }),
    }) as unknown as Session<WatchInput>;

  /** Ends in time: with what it told, or with null where it goes on. */
  async function after(ms: number, told: Promise<WatchResult>): Promise<WatchResult | null> {
    let result: WatchResult | null = null;
    void told.then((found) => (result = found));
    await vi.advanceTimersByTimeAsync(ms);
    return result;
  }

  function failing(error: Error) {
    clusters = new Set();
    return async ({ cluster }: Session<WatchInput>): Promise<WatchResult> => {
      clusters.add(cluster);
      throw error;
    };
  }

  test.each([
    [
      'an API server that is away',
      down,
      'api-server',
      'the API server does not answer: ECONNREFUSED (for 120 s)',
    ],
    [
      'refused credentials',
      refused,
      'unseen',
      'the watch sees nothing: the API server of edge refused: Unauthorized (for 120 s)',
    ],
    [
      'Git that is away',
      new RepositoryError('unreachable', 'secret.example.com is away', 'why', 'mend'),
      'unseen',
      'the watch sees nothing: ….example.com is away (for 120 s)',
    ],
  ])(
    'because of %s tries again with another connection, and tells it once it lasts',
    async (_, error, id, what) => {
      const told = untilSeen(session(), failing(error));
      expect(await after(100_000, told)).toBeNull();
      expect(clusters.size).toBeGreaterThan(15);
      const result = await after(30_000, told);
      expect(result?.breaches).toMatchObject([{ id, what }]);
      expect(await after(600_000, untilSeen(session(result?.known), failing(error)))).toBeNull();
    },
  );

  test('counts anew once it has seen', async () => {
    let nth = 0;
    const told = untilSeen(session(), async (_, seen) => {
      nth += 1;
      if (nth % 20 === 0) seen();
      throw down;
    });
    expect(await after(600_000, told)).toBeNull();
  });

  test('for another reason ends at once', async () => {
    const lost = new LeaseNotOurs(null, 'home-1');
    await expect(untilSeen(session(), failing(lost))).rejects.toBe(lost);
  });
});
