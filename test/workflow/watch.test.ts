/** The watch beside a run: a breach stops whatever goes on, is told once, and is guarded against while a person is asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ClusterStatus } from '../../src/workflows/contract.ts';
import { failure, type FakeCluster } from './fake-cluster.ts';
import { breach, FakeWatch } from './fake-watch.ts';
import type { Person } from './person.ts';
import { devServer } from './test-server.ts';
import { world } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await devServer();
});
afterAll(async () => env?.teardown());

const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };
const soak = { afterAdopt: '1h', afterRetire: '0s' };
const allUndone = ['handBack', 'findDependents', 'removeInstance', 'removeOperator', 'restoreLegacyOwner'];

interface Begun {
  edge: FakeCluster;
  watch: FakeWatch;
  anna: Person;
  handle: WorkflowHandle;
  end: () => Promise<void>;
  stop: () => Promise<void>;
}

async function begun(settings: object = {}, prepare: (edge: FakeCluster) => void = () => {}): Promise<Begun> {
  const { edge, person, startCluster, startWorker } = world(env, { gates: auto, soak, ...settings }, [
    'edge',
  ]);
  const watch = new FakeWatch(edge);
  prepare(edge);
  const { stop } = await startWorker();
  const handle = await startCluster();
  const end = async (): Promise<void> => {
    await handle.terminate().catch(() => {});
    await stop();
  };
  return { edge, watch, anna: person('edge'), handle, end, stop };
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

const ids = ({ hold }: ClusterStatus): string[] => hold?.findings.map(({ id }) => id) ?? [];

describe('a breach holds the cluster, whatever it does; retry lifts the first aid and goes on there', () => {
  /** Where it is when the watch sees something. */
  const places: Record<
    string,
    {
      settings?: object;
      prepare?: (edge: FakeCluster) => void;
      there: (status: ClusterStatus, edge: FakeCluster) => boolean;
      phase: string;
    }
  > = {
    'at a gate': {
      settings: { gates: { ...auto, cutover: 'manual' } },
      there: ({ gate }) => gate?.gate === 'cutover',
      phase: 'adopt',
    },
    'in a soak': { there: ({ state }) => state === 'soaking', phase: 'soak' },
    'in a step': {
      prepare: (edge) => (edge.answers.adoptControllers = stayOnce([], 'adopt')),
      there: (_, edge) => edge.calls().at(-1) === 'adoptControllers',
      phase: 'adopt',
    },
    'in a checklist': {
      prepare: (edge) => {
        let first = true;
        edge.answers.verify = ({ phase }) => {
          if (phase !== 'stage' || !first) return undefined;
          first = false;
          return stay([], 'verify');
        };
      },
      there: (_, edge) => edge.calls().at(-1) === 'verify stage',
      phase: 'stage',
    },
  };

  test.concurrent.each(Object.entries(places))('%s', async (_, { settings, prepare, there, phase }) => {
    const { edge, watch, anna, end } = await begun(settings, prepare);
    await anna.sees('the place', (status) => there(status, edge));
    watch.sees(breach('owner-resumed'));
    const held = await anna.seesHold();
    expect(held).toMatchObject({ state: 'held', phase, gate: null, until: null });
    expect(held.hold).toMatchObject({
      findings: [breach('owner-resumed')],
      choices: ['retry', 'rollback', 'abandon'].map((word) => `flux-handover ${word} edge`),
    });
    await expect.poll(() => watch.running).toBe(1);
    expect(edge.watches().map(({ known }) => known)).toEqual([[], ['owner-resumed']]);
    const before = edge.calls().length;
    await anna.resolves('retry');
    await anna.sees(
      'the same place again',
      (status) => (status.hold === null && there(status, edge)) || edge.calls().length > before + 1,
    );
    expect(edge.calls()[before]).toBe('liftFirstAid');
    await expect.poll(() => edge.watches().map(({ known }) => known)).toEqual([[], ['owner-resumed'], []]);
    expect(watch.most).toBe(1);
    await end();
  });

  test.concurrent('in a step: the step has ended before anybody is asked, and is done again', async () => {
    const stopped: string[] = [];
    const { edge, watch, anna, handle, stop } = await begun(
      { soak: { afterAdopt: '0s', afterRetire: '0s' } },
      (fake) => {
        fake.answers.adoptControllers = stayOnce(stopped, 'adopt');
      },
    );
    await anna.sees('adopt', () => edge.calls().at(-1) === 'adoptControllers');
    watch.sees(breach('instance-deleted'));
    await anna.seesHold();
    expect(stopped).toEqual(['adopt']);
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    expect(edge.calls().filter((call) => call === 'adoptControllers')).toHaveLength(2);
    await stop();
  });

  test.concurrent('in a soak: the time until then counts, the time in the hold does not', async () => {
    const { watch, anna, end } = await begun({ soak: { afterAdopt: '60s', afterRetire: '0s' } });
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
    await end();
  });
});

describe('while a cluster is held', () => {
  test.concurrent('by a failed step, a breach is told first, and what was held before is still there', async () => {
    const { watch, anna, end } = await begun({}, (edge) => {
      edge.answers.stageInstance = () => Promise.reject(failure('NotReady', 'no', [breach('stage-failed')]));
    });
    await anna.seesHold();
    watch.sees(breach('owner-resumed'));
    expect(ids(await anna.sees('the breach', (status) => ids(status).length === 2))).toEqual([
      'owner-resumed',
      'stage-failed',
    ]);
    await end();
  });

  test.concurrent('by a breach, the next one is added; one retry lifts the aid of both', async () => {
    const { edge, watch, anna, end } = await begun();
    await anna.seesSoak('soak');
    watch.sees(breach('one'));
    await anna.seesHold();
    await expect.poll(() => edge.watches().length).toBe(2);
    watch.sees(breach('two'));
    expect(ids(await anna.sees('both', (status) => ids(status).length === 2))).toEqual(['two', 'one']);
    await expect.poll(() => edge.watches().at(-1)?.known).toEqual(['one', 'two']);
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.calls().filter((call) => call === 'liftFirstAid')).toHaveLength(1);
    expect(edge.watches().at(-1)?.known).toEqual([]);
    expect(watch.most).toBe(1);
    await end();
  });

  test.concurrent('and the first aid can not be lifted yet, it is said why, and the cluster stays guarded', async () => {
    const { edge, watch, anna, end } = await begun({}, (fake) => {
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
    await expect.poll(() => edge.watches().at(-1)?.known).toEqual(['owner-resumed']);
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    await end();
  });
});

describe('onBreach: rollback', () => {
  test.concurrent('takes the way back by itself, guarded all along, and the record says why', async () => {
    const { edge, watch, anna, handle, stop } = await begun({ onBreach: 'rollback' });
    await anna.seesSoak('soak');
    watch.sees(breach('owner-resumed'));
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
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
    await stop();
  });

  test.concurrent('of one cluster outweighs the setting of the fleet', async () => {
    const clusters = [
      { name: 'edge', branch: 'edge', path: 'kubernetes/edge', context: 'edge', onBreach: 'hold' },
    ];
    const { watch, anna, end } = await begun({ onBreach: 'rollback', clusters });
    await anna.seesSoak('soak');
    watch.sees(breach('unready'));
    expect(ids(await anna.seesHold())).toEqual(['unready']);
    await end();
  });

  test.concurrent.each(['definition-deleted', 'namespace-deleted', 'api-server'])(
    'asks all the same after %s',
    async (id) => {
      const { watch, anna, end } = await begun({ onBreach: 'rollback' });
      await anna.seesSoak('soak');
      watch.sees(breach(id));
      const { hold } = await anna.seesHold();
      expect(hold?.findings).toMatchObject([
        { id },
        { severity: 'note', what: 'onBreach: rollback is set, but edge did not go back by itself' },
      ]);
      await end();
    },
  );
});

describe('on the way back', () => {
  test.concurrent('a breach stops no compensation; it stands with the reasons', async () => {
    const { edge, watch, anna, handle, stop } = await begun({}, (fake) => {
      fake.answers.removeInstance = async () => {
        watch.sees(breach('owner-resumed'));
        await delay(1_000);
        return undefined as never;
      };
    });
    await anna.seesSoak('soak');
    await anna.rollsBack({ reason: 'alerts' });
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
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
    await stop();
  });

  test.concurrent('of a cancelled run it goes on, and has ended before the Lease is given back', async () => {
    let atEnd = -1;
    const { watch, anna, handle, stop, edge } = await begun({}, (fake) => {
      fake.answers.endRun = async () => {
        atEnd = watch.running;
        return undefined as never;
      };
      fake.answers.removeOperator = async () => {
        expect(watch.running).toBe(1);
        return undefined as never;
      };
    });
    await anna.seesSoak('soak');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(edge.calls().slice(-7)).toEqual([...allUndone, 'verify preflight', 'endRun']);
    expect(atEnd).toBe(0);
    expect(edge.watches()).toHaveLength(1);
    await stop();
  });
});

describe('the watch itself', () => {
  test.concurrent('that sees something in the very last moment holds the cluster, which stays guarded', async () => {
    const { edge, watch, anna, handle, stop } = await begun(
      { soak: { afterAdopt: '0s', afterRetire: '0s' } },
      (fake) => {
        fake.answers.verify = async ({ phase }) => {
          if (phase === 'settle') watch.seesWhenStopped(breach('object-gone'));
          return undefined as never;
        };
      },
    );
    const held = await anna.seesHold();
    expect(held).toMatchObject({ phase: 'settle', hold: { findings: [breach('object-gone')] } });
    expect(edge.calls()).not.toContain('endRun');
    await expect.poll(() => watch.running).toBe(1);
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    await stop();
  });

  test.concurrent('runs from the Lease on, once, and has ended before the Lease is given back', async () => {
    let atEnd = -1;
    const { edge, watch, anna, handle, stop } = await begun(
      { gates: { ...auto, start: 'manual' }, soak: { afterAdopt: '0s', afterRetire: '0s' } },
      (fake) => {
        fake.answers.endRun = async () => {
          atEnd = watch.running;
          return undefined as never;
        };
      },
    );
    await anna.seesGate('start');
    expect(edge.watches()).toEqual([]);
    await anna.approves('start');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    expect(edge.watches()).toMatchObject([{ phase: 'preflight', way: 'forward', acting: false, known: [] }]);
    expect(atEnd).toBe(0);
    await stop();
  });

  test.concurrent('that finds the Lease with another ends quietly, and begins again when a person goes on', async () => {
    const { edge, watch, anna, end } = await begun({}, (fake) => {
      fake.answers.stageInstance = (_, nth) =>
        nth === 1 ? Promise.reject(failure('LockHeld', 'no')) : undefined;
    });
    await anna.seesHold();
    watch.sees();
    await expect.poll(() => watch.running).toBe(0);
    await delay(300);
    expect(edge.watches()).toHaveLength(1);
    expect(ids(await anna.status())).toEqual(['LockHeld']);
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.watches()).toHaveLength(2);
    await end();
  });

  test.concurrent('that fails holds the cluster, says that nobody watches, and begins again on retry', async () => {
    const { edge, anna, end } = await begun({}, (fake) => {
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
    await end();
  });

  test.concurrent('has ended when a person abandons the run', async () => {
    const { edge, watch, anna, handle, stop } = await begun();
    await anna.seesSoak('soak');
    watch.sees(breach('unready'));
    await anna.seesHold();
    await anna.resolves('abandon');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'abandoned' });
    expect(watch.running).toBe(0);
    expect(edge.calls()).not.toContain('endRun');
    await stop();
  });
});
