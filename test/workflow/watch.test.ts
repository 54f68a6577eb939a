/** The watch beside a run: a breach stops whatever goes on, is told once, and is guarded against while a person is asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ClusterStatus } from '../../src/workflows/contract.ts';
import { failure, type FakeCluster } from './fake-cluster.ts';
import { breach, FakeWatch } from './fake-watch.ts';
import type { Person } from './person.ts';
import { devServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;

const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };
const short = { afterAdopt: '0s', afterRetire: '0s' };
const byItself = { onBreach: 'rollback' };

/** Activities are seen from beside the workflow: on a busy machine that takes its time. */
function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 30_000 });
}

/** Each test has a cluster of its own, all of one fleet: a worker costs more than a run. */
const clusters = {
  gate: { gates: { cutover: 'manual' } },
  soaking: {},
  step: {},
  checklist: {},
  again: { soak: short },
  rest: { soak: { afterAdopt: '60s' } },
  failed: {},
  twice: {},
  refused: {},
  'by-itself': byItself,
  'definition-deleted': byItself,
  'namespace-deleted': byItself,
  'api-server': byItself,
  unseen: byItself,
  'source-unready': byItself,
  backward: {},
  cancelled: {},
  last: { soak: short },
  dead: { soak: short },
  lease: { gates: { start: 'manual' }, soak: short },
  taken: {},
  gone: {},
  'twice-lost': {},
  'lost-backward': {},
  blind: {},
  abandoned: {},
};
type Name = keyof typeof clusters;

let fleet: World;
let stop: () => Promise<void>;
beforeAll(async () => {
  env = await devServer();
  const names = Object.keys(clusters);
  fleet = world(
    env,
    {
      gates: auto,
      soak: { afterAdopt: '1h', afterRetire: '0s' },
      clusters: Object.entries(clusters).map(([name, settings]) => ({
        name,
        branch: name,
        path: `kubernetes/${name}`,
        context: name,
        ...settings,
      })),
    },
    names,
  );
  ({ stop } = await fleet.startWorker());
});
afterAll(async () => {
  await stop?.();
  await env?.teardown();
});

const allUndone = ['handBack', 'findDependents', 'removeInstance', 'removeOperator', 'restoreLegacyOwner'];

interface Begun {
  edge: FakeCluster;
  watch: FakeWatch;
  anna: Person;
  handle: WorkflowHandle;
}

async function begun(
  name: Name,
  prepare: (edge: FakeCluster, watch: FakeWatch) => void = () => {},
): Promise<Begun> {
  const edge = fleet.fake(name);
  const watch = new FakeWatch(edge);
  prepare(edge, watch);
  const handle = await fleet.startCluster(name);
  return { edge, watch, anna: fleet.person(name), handle };
}

/** Runs until it is told to stop, the first time. */
function stayOnce(stopped: string[], name: string) {
  return (_: unknown, nth: number) => (nth === 1 ? stay(stopped, name) : undefined);
}

async function stay(stopped: string[], name: string): Promise<never> {
  const context = Context.current();
  try {
    for (;;) {
      context.heartbeat();
      await context.sleep(50);
    }
  } catch (cancelled) {
    await delay(300);
    stopped.push(name);
    throw cancelled;
  }
}

/** The Lease is with another, or with nobody. */
const lost = breach('lock-held');

const ids = ({ hold }: ClusterStatus): string[] => hold?.findings.map(({ id }) => id) ?? [];

describe('a breach holds the cluster, whatever it does; retry lifts the first aid and goes on there', () => {
  const places: {
    where: string;
    name: Name;
    phase: string;
    prepare?: (edge: FakeCluster) => void;
    /** It is where the watch is to see something. */
    there: (status: ClusterStatus, edge: FakeCluster) => boolean;
  }[] = [
    { where: 'at a gate', name: 'gate', phase: 'adopt', there: ({ gate }) => gate?.gate === 'cutover' },
    { where: 'in a soak', name: 'soaking', phase: 'soak', there: ({ state }) => state === 'soaking' },
    {
      where: 'in a step',
      name: 'step',
      phase: 'adopt',
      prepare: (edge) => (edge.answers.adoptControllers = stayOnce([], 'adopt')),
      there: (_, edge) => edge.calls().includes('adoptControllers'),
    },
    {
      where: 'in a checklist',
      name: 'checklist',
      phase: 'stage',
      prepare: (edge) => {
        let first = true;
        edge.answers.verify = ({ phase }) => {
          if (phase !== 'stage' || !first) return undefined;
          first = false;
          return stay([], 'verify');
        };
      },
      there: (_, edge) => edge.calls().includes('verify stage'),
    },
  ];

  test.concurrent.each(places)('$where', async ({ name, prepare, there, phase }) => {
    const { edge, watch, anna, handle } = await begun(name, prepare);
    await anna.sees('the place', (status) => there(status, edge));
    watch.sees(breach('owner-resumed'));
    const held = await anna.seesHold();
    expect(held).toMatchObject({ state: 'held', phase, gate: null, until: null });
    expect(held.hold).toMatchObject({
      findings: [breach('owner-resumed')],
      choices: ['retry', 'rollback', 'abandon'].map((word) => `flux-handover ${word} ${name}`),
    });
    await eventually(() => expect(watch.running).toBe(1));
    expect(edge.watches().map(({ known }) => known)).toEqual([[], ['owner-resumed']]);
    const before = edge.calls().length;
    await anna.resolves('retry');
    await anna.sees('the same place again', (status) => edge.calls().length > before && there(status, edge));
    expect(edge.calls()[before]).toBe('liftFirstAid');
    await eventually(() =>
      expect(edge.watches().map(({ known }) => known)).toEqual([[], ['owner-resumed'], []]),
    );
    expect(watch.most).toBe(1);
    await handle.terminate();
  });

  test.concurrent('in a step: the step has ended before anybody is asked, and is done again', async () => {
    const stopped: string[] = [];
    const { edge, watch, anna, handle } = await begun('again', (fake) => {
      fake.answers.adoptControllers = stayOnce(stopped, 'adopt');
    });
    await anna.sees('adopt', () => edge.calls().at(-1) === 'adoptControllers');
    watch.sees(breach('instance-deleted'));
    await anna.seesHold();
    expect(stopped).toEqual(['adopt']);
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'again', outcome: 'operator' });
    expect(edge.calls().filter((call) => call === 'adoptControllers')).toHaveLength(2);
  });

  test.concurrent('in a soak: the time until then counts, the time in the hold does not', async () => {
    const { watch, anna, handle } = await begun('rest');
    const first = await anna.seesSoak('soak');
    await delay(2_000);
    watch.sees(breach('unready'));
    await anna.seesHold();
    await delay(2_000);
    await anna.resolves('retry');
    const { until } = await anna.seesSoak('soak');
    const later = Date.parse(until ?? '') - Date.parse(first.until ?? '');
    expect(later).toBeGreaterThan(1_500);
    expect(later).toBeLessThan(10_000);
    await handle.terminate();
  });
});

describe('while a cluster is held', () => {
  test.concurrent('by a failed step, a breach is told first, and what was held before is still there', async () => {
    const { watch, anna, handle } = await begun('failed', (edge) => {
      edge.answers.stageInstance = () => Promise.reject(failure('NotReady', 'no', [breach('stage-failed')]));
    });
    await anna.seesHold();
    watch.sees(breach('owner-resumed'));
    expect(ids(await anna.sees('the breach', (status) => ids(status).length === 2))).toEqual([
      'owner-resumed',
      'stage-failed',
    ]);
    await handle.terminate();
  });

  test.concurrent('by a breach, the next one is added; one retry lifts the aid of both', async () => {
    const { edge, watch, anna, handle } = await begun('twice');
    await anna.seesSoak('soak');
    watch.sees(breach('one'));
    await anna.seesHold();
    await eventually(() => expect(edge.watches().length).toBe(2));
    watch.sees(breach('two'));
    expect(ids(await anna.sees('both', (status) => ids(status).length === 2))).toEqual(['two', 'one']);
    await eventually(() => expect(edge.watches().at(-1)?.known).toEqual(['one', 'two']));
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.calls().filter((call) => call === 'liftFirstAid')).toHaveLength(1);
    expect(edge.watches().at(-1)?.known).toEqual([]);
    expect(watch.most).toBe(1);
    await handle.terminate();
  });

  test.concurrent('and the first aid can not be lifted yet, it is said why, and the cluster stays guarded', async () => {
    const { edge, watch, anna, handle } = await begun('refused', (fake) => {
      fake.answers.liftFirstAid = (_, nth) =>
        nth === 1 ? Promise.reject(failure('Refused', 'still', [breach('definition-deleted')])) : undefined;
    });
    await anna.seesSoak('soak');
    watch.sees(breach('owner-resumed'));
    await anna.seesHold();
    await anna.resolves('retry');
    expect(ids(await anna.sees('the refusal', (status) => ids(status)[0] === 'definition-deleted'))).toEqual([
      'definition-deleted',
    ]);
    await eventually(() => expect(edge.watches().at(-1)?.known).toEqual(['owner-resumed']));
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    await handle.terminate();
  });
});

describe('onBreach: rollback', () => {
  test.concurrent('takes the way back by itself, guarded all along, and the record says why', async () => {
    const { edge, watch, anna, handle } = await begun('by-itself');
    await anna.seesSoak('soak');
    watch.sees(breach('owner-resumed'));
    expect(await handle.result()).toEqual({ cluster: 'by-itself', outcome: 'legacy' });
    expect(edge.calls().slice(-7)).toEqual([...allUndone, 'verify preflight', 'endRun']);
    expect(edge.calls()).not.toContain('liftFirstAid');
    expect(edge.watches().map(({ known, way }) => [known, way])).toEqual([
      [[], 'forward'],
      [['owner-resumed'], 'forward'],
    ]);
    const { audit, back } = await anna.status();
    expect(audit.at(-1)).toMatchObject({
      approver: 'handover.yaml',
      why: 'onBreach: rollback is set in handover.yaml, and the watch found: owner-resumed was seen',
    });
    expect(back).toMatchObject({
      by: 'handover.yaml',
      reason: 'onBreach: rollback',
      findings: [breach('owner-resumed')],
    });
    expect(watch).toMatchObject({ most: 1, running: 0 });
  });

  test.concurrent.each([
    'definition-deleted',
    'namespace-deleted',
    'api-server',
    'source-unready',
    'unseen',
  ] as const)('asks all the same after %s', async (id) => {
    const { watch, anna, handle } = await begun(id);
    await anna.seesSoak('soak');
    watch.sees(breach(id));
    const { hold } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([
      { id },
      { severity: 'note', what: `onBreach: rollback is set, but ${id} did not go back by itself` },
    ]);
    await handle.terminate();
  });
});

describe('on the way back', () => {
  test.concurrent('a breach stops no compensation; it stands with the reasons', async () => {
    const { edge, watch, anna, handle } = await begun('backward', (fake, seen) => {
      fake.answers.removeInstance = async () => {
        seen.sees(breach('owner-resumed'));
        await delay(1_000);
        return undefined as never;
      };
    });
    await anna.seesSoak('soak');
    await anna.rollsBack({ reason: 'alerts' });
    expect(await handle.result()).toEqual({ cluster: 'backward', outcome: 'legacy' });
    expect(edge.calls().slice(-7)).toEqual([...allUndone, 'verify preflight', 'endRun']);
    expect((await anna.status()).back).toMatchObject({
      reason: 'alerts',
      findings: [breach('owner-resumed')],
    });
    expect(edge.watches().at(-1)).toMatchObject({
      known: ['owner-resumed'],
      way: 'back',
      acting: true,
      phase: 'stage',
    });
    expect(watch).toMatchObject({ most: 1, running: 0 });
  });

  test.concurrent('of a cancelled run it goes on, and has ended before the Lease is given back', async () => {
    let atEnd = -1;
    const { anna, handle, edge } = await begun('cancelled', (fake, seen) => {
      fake.answers.endRun = async () => {
        atEnd = seen.running;
        return undefined as never;
      };
      fake.answers.removeOperator = async () => {
        expect(seen.running).toBe(1);
        return undefined as never;
      };
    });
    await anna.seesSoak('soak');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(edge.calls().slice(-7)).toEqual([...allUndone, 'verify preflight', 'endRun']);
    expect(atEnd).toBe(0);
    expect(edge.watches()).toHaveLength(1);
  });
});

describe('the watch itself', () => {
  test.concurrent('that sees something in the very last moment holds the cluster, which stays guarded', async () => {
    const { edge, watch, anna, handle } = await begun('last', (fake, seen) => {
      fake.answers.verify = async ({ phase }) => {
        if (phase === 'settle') seen.seesWhenStopped(breach('object-gone'));
        return undefined as never;
      };
    });
    const held = await anna.seesHold();
    expect(held).toMatchObject({ phase: 'settle', hold: { findings: [breach('object-gone')] } });
    expect(edge.calls()).not.toContain('endRun');
    await eventually(() => expect(watch.running).toBe(1));
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'last', outcome: 'operator' });
  });

  test.concurrent('whose worker is killed as it is told to end holds nobody up', async () => {
    const { edge, handle } = await begun('dead', (_, seen) => seen.diesWhenStopped());
    expect(await handle.result()).toEqual({ cluster: 'dead', outcome: 'operator' });
    expect(edge.calls().at(-1)).toBe('endRun');
  });

  test.concurrent('runs from the Lease on, once, and has ended before the Lease is given back', async () => {
    let atEnd = -1;
    const { edge, anna, handle } = await begun('lease', (fake, seen) => {
      fake.answers.endRun = async () => {
        atEnd = seen.running;
        return undefined as never;
      };
    });
    await anna.seesGate('start');
    expect(edge.watches()).toEqual([]);
    await anna.approves('start');
    expect(await handle.result()).toEqual({ cluster: 'lease', outcome: 'operator' });
    expect(edge.watches()).toMatchObject([{ phase: 'preflight', way: 'forward', acting: false, known: [] }]);
    expect(atEnd).toBe(0);
  });

  test.concurrent('that loses the Lease in a soak holds the cluster, says so, and begins again on retry', async () => {
    const { edge, watch, anna, handle } = await begun('taken');
    const { until } = await anna.seesSoak('soak');
    watch.loses(lost);
    const { hold, phases } = await anna.seesHold();
    expect(hold).toMatchObject({
      phase: 'soak',
      findings: [{ ...lost, why: 'it does harm; until retry the cluster is not watched' }],
      choices: ['retry', 'rollback', 'abandon'].map((word) => `flux-handover ${word} taken`),
    });
    expect(phases.find(({ phase }) => phase === 'soak')?.summary).not.toContain('watched');
    await delay(500);
    expect(edge.watches()).toHaveLength(1);
    await anna.resolves('retry');
    expect((await anna.seesSoak('soak')).until).not.toBe(until);
    await eventually(() => expect(watch.running).toBe(1));
    expect(edge.watches()).toHaveLength(2);
    await handle.terminate();
  });

  test.concurrent('that still does not find its Lease after retry holds the cluster once more', async () => {
    const { watch, anna, handle } = await begun('gone');
    await anna.seesSoak('soak');
    for (let nth = 1; nth <= 2; nth += 1) {
      watch.loses(lost);
      expect(ids(await anna.seesHold())).toEqual(['lock-held']);
      await anna.resolves('retry');
      await anna.seesSoak('soak');
    }
    await handle.terminate();
  });

  test.concurrent('that loses the Lease where a step has said so already says it once', async () => {
    const { watch, anna, handle } = await begun('twice-lost', (fake) => {
      fake.answers.stageInstance = (_, nth) =>
        nth === 1 ? Promise.reject(failure('LockHeld', 'no', [lost])) : undefined;
    });
    await anna.seesHold();
    watch.loses(lost);
    const held = await anna.sees('that nobody watches', ({ hold }) =>
      Boolean(hold?.findings[0]?.why.includes('not watched')),
    );
    expect(ids(held)).toEqual(['lock-held']);
    await handle.terminate();
  });

  test.concurrent('that loses the Lease on the way back says so, and begins again when a person goes on', async () => {
    const { edge, watch, anna, handle } = await begun('lost-backward', (fake, seen) => {
      fake.answers.removeInstance = async (_, nth) => {
        if (nth > 1) return undefined as never;
        seen.loses(lost);
        await delay(1_000);
        throw failure('LockHeld', 'no', [lost]);
      };
    });
    await anna.seesSoak('soak');
    await anna.rollsBack({ reason: 'alerts' });
    await anna.seesHold();
    expect((await anna.status()).back?.findings).toMatchObject([{ id: 'lock-held' }]);
    expect(watch.running).toBe(0);
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'lost-backward', outcome: 'legacy' });
    expect(edge.watches()).toHaveLength(2);
  });

  test.concurrent('that fails holds the cluster, says that nobody watches, and begins again on retry', async () => {
    const { edge, anna, handle } = await begun('blind', (fake) => {
      const usual = fake.answers.watchHealth;
      fake.answers.watchHealth = (input, nth) =>
        nth === 1
          ? Promise.reject(failure('Forbidden', 'no', [breach('cluster-forbidden')]))
          : usual?.(input, nth);
    });
    const { hold } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([
      { id: 'cluster-forbidden', why: expect.stringContaining('not watched') },
    ]);
    expect(edge.watches()).toHaveLength(1);
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.watches()).toHaveLength(2);
    await handle.terminate();
  });

  test.concurrent('has ended when a person abandons the run', async () => {
    const { edge, watch, anna, handle } = await begun('abandoned');
    await anna.seesSoak('soak');
    watch.sees(breach('unready'));
    await anna.seesHold();
    await anna.resolves('abandon');
    expect(await handle.result()).toEqual({ cluster: 'abandoned', outcome: 'abandoned' });
    expect(watch.running).toBe(0);
    expect(edge.calls()).not.toContain('endRun');
  });
});
