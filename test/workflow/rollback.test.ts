/** A word to go back counts at any moment: what runs is stopped first, then all that was begun is undone, last one first. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { forwardActivity, type ClusterActivities } from '../../src/activities/contract.ts';
import { phasesOf, type PhaseName } from '../../src/plan/phases.ts';
import type { LegacyShape } from '../../src/plan/types.ts';
import type { AuditEntry, ClusterStatus } from '../../src/workflows/contract.ts';
import { backFromAdopt, failure, watchUntilCancelled, type FakeCluster } from './fake-cluster.ts';
import { devServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await devServer();
});
afterAll(async () => env?.teardown());

const settings = {
  gates: { start: 'auto', cutover: 'auto', retire: 'auto' },
  soak: { afterAdopt: '4s', afterRetire: '4s' },
};
const shapes = ['self-managed', 'bootstrap-only'] as const;

/** Runs until it is told to stop, takes its time to stop, and notes when it did. */
function slow(journal: string[], name: string) {
  return async (): Promise<never> => {
    const context = Context.current();
    try {
      for (;;) {
        context.heartbeat();
        await context.sleep(50);
      }
    } catch (stopped) {
      journal.push(`${name} has stopped`);
      throw stopped;
    }
  };
}

/** The activity that a phase is in while it acts; none in a soak. */
function actingIn(phase: PhaseName): keyof ClusterActivities | null {
  if (phase === 'preflight') return 'preflight';
  return phase === 'soak' || phase === 'settle' ? null : forwardActivity[phase];
}

/** Makes a fake cluster stay where the word is to come: in the activity of a phase, or in the checklist after it. */
function stayAt(
  fake: FakeCluster,
  phase: PhaseName,
  moment: 'while it acts' | 'after it',
  journal: string[],
) {
  fake.answers.watchHealth = watchUntilCancelled;
  const activity = moment === 'after it' ? 'verify' : actingIn(phase);
  if (!activity) return null;
  const stay = slow(journal, activity);
  let there = (): void => {};
  const arrived = new Promise<void>((resolve) => (there = resolve));
  const answers = fake.answers as Record<string, (input: { phase?: PhaseName }) => unknown>;
  const usual = answers[activity];
  answers[activity] = (input) => {
    const here = activity === 'preflight' || input.phase === phase;
    if (!here) return usual?.(input);
    there();
    return stay();
  };
  return arrived;
}

type Moment = 'while it acts' | 'after it';
const cells = shapes.flatMap((shape) =>
  (phasesOf(shape) ?? []).flatMap(({ name: phase }) =>
    (['while it acts', 'after it'] as const)
      // Nothing is checked after preflight, which is a check.
      .filter((moment) => phase !== 'preflight' || moment === 'while it acts')
      .map((moment): [LegacyShape, PhaseName, Moment] => [shape, phase, moment]),
  ),
);

/** All of them in one fleet, so that one worker serves all: a worker costs more than a run. */
describe('a rollback from', () => {
  const nameOf = (index: number): string => `cell-${index}`;
  let fleet: World;
  let running: { stop: () => Promise<void> };
  beforeAll(async () => {
    fleet = world(
      env,
      settings,
      cells.map((_, index) => nameOf(index)),
    );
    running = await fleet.startWorker();
  });
  afterAll(async () => running?.stop());

  test.concurrent.each(cells.map((cell, index) => [...cell, nameOf(index)] as const))(
    '%s, %s %s',
    async (shape, phase, moment, name) => {
      const fake = fleet.fake(name);
      fake.answers.preflight = async () => ({ ...fake.looksFine(), shape });
      const stopped: string[] = [];
      const arrived = stayAt(fake, phase, moment, stopped);
      const phases = phasesOf(shape) ?? [];
      const begun = phases.slice(0, phases.findIndex((each) => each.name === phase) + 1);
      const undone = begun.flatMap(({ compensation }) => compensation ?? []).toReversed();
      for (const compensation of undone)
        fake.answers[compensation] = async () => {
          stopped.push(compensation);
          return undefined as never;
        };
      const firstTaking = undone.find((each) => each === 'removeInstance' || each === 'removeOperator');
      const handle = await fleet.startCluster(name);
      const { person } = fleet;
      await (arrived ??
        person(name).sees('the soak', (status) => status.state === 'soaking' && status.phase === phase));
      await fleet.person(name).rollsBack({ reason: 'alerts' });
      expect(await handle.result()).toEqual({ cluster: name, outcome: 'legacy' });
      expect(stopped.map((line) => line.replace(/^.* has stopped$/, 'has stopped'))).toEqual([
        ...(arrived ? ['has stopped'] : []),
        ...undone,
      ]);
      const calls = fake.calls();
      const untilHere = phase === 'preflight' ? ['preflight'] : ['endRun'];
      const asked = undone.flatMap((each) => (each === firstTaking ? ['findDependents', each] : [each]));
      const end = undone.length > 0 ? [...asked, 'verify preflight', 'endRun'] : untilHere;
      expect(calls.slice(-end.length)).toEqual(end);
      const { status } = (await handle.describe()).memo as { status: ClusterStatus };
      expect(status).toMatchObject({
        state: 'rolled-back',
        hold: null,
        gate: null,
        back: { by: 'anna', reason: 'alerts', left: [], findings: [] },
      });
    },
  );
});

const manual = { ...settings, gates: { start: 'auto', cutover: 'manual', retire: 'manual' } };

describe('a word to go back', () => {
  test.concurrent('at a gate closes the gate', async () => {
    const { edge, person, startCluster, startWorker } = world(env, manual);
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    await person('edge').seesGate('cutover');
    await person('edge').rollsBack();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-6)).toEqual(backFromAdopt.slice(1));
    await stop();
  });

  test.concurrent('before anything was begun changes nothing', async () => {
    const { edge, person, startCluster, startWorker } = world(env, { gates: { start: 'manual' } });
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    await person('edge').seesGate('start');
    await person('edge').rollsBack();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls()).toEqual(['preflight']);
    await stop();
  });

  test.concurrent('sent before the first worker is there is heard by it', async () => {
    const { edge, person, startCluster, startWorker } = world(env, settings);
    const handle = await startCluster();
    await person('edge').rollsBack();
    const { stop } = await startWorker(['edge']);
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls()).toEqual([]);
    await stop();
  });

  test.concurrent('does not wait for a maintenance window', async () => {
    // Opens on one day in a leap year: never while this test runs.
    const { edge, person, startCluster, startWorker } = world(env, {
      ...manual,
      gates: { ...settings.gates, start: 'manual' },
      windows: [{ schedule: '0 0 29 2 *', duration: '1m' }],
    });
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    const anna = person('edge');
    await anna.approves('start');
    await anna.sees('the window', ({ state }) => state === 'waiting-for-window');
    await anna.rollsBack();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls()).toEqual(['preflight']);
    await stop();
  });

  test.concurrent('while held answers the hold', async () => {
    const { edge, person, startCluster, startWorker } = world(env, settings);
    edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesHold();
    await anna.rollsBack();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-7)).toEqual(backFromAdopt);
    await stop();
  });

  test.concurrent('that finds the step done in the same moment still counts', async () => {
    const { edge, person, startCluster, startWorker } = world(env, settings);
    edge.answers.watchHealth = watchUntilCancelled;
    // Deaf to cancellation, and done a little later.
    edge.answers.endRun = async (_, nth) => {
      if (nth === 1) await person('edge').rollsBack();
      return undefined as never;
    };
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    // The Lease may be gone by then, so it is taken again before anything is undone.
    expect(edge.calls().slice(-10)).toEqual(['endRun', 'beginRun', 'restoreRetired', ...backFromAdopt]);
    await stop();
  });

  test.concurrent('from a stranger, and a second one, change nothing and are on record', async () => {
    const { client, edge, person, startCluster, startWorker } = world(env, {
      ...manual,
      approvers: ['anna'],
    });
    const removal = slow([], 'removeInstance');
    edge.answers.removeInstance = (_, nth) => (nth === 1 ? removal() : undefined);
    const { stop } = await startWorker(['edge']);
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesGate('cutover');
    await anna.rollsBack({ requestId: 'r1', approver: 'mallory' });
    await anna.rollsBack({ requestId: 'r1' });
    await anna.rollsBack({ requestId: '' });
    expect((await anna.sees('three refusals', ({ audit }) => audit.length === 4)).gate?.gate).toBe('cutover');
    const send = (requestId: string): Promise<AuditEntry> =>
      client.workflow
        .getHandle(handle.workflowId)
        .executeUpdate<AuditEntry, [object]>('rollbackUpdate', { args: [{ requestId, approver: 'anna' }] });
    expect(await send('r2')).toMatchObject({ verdict: 'accepted' });
    await anna.sees('the way back', ({ state }) => state === 'rolling-back');
    const refused = (await send('r3').catch((error: unknown) => error)) as WorkflowUpdateFailedError;
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused.cause as ApplicationFailure).message).toContain('on its way back already');
    await anna.rollsBack({ requestId: 'r4' });
    const { audit, back } = await anna.sees('the refusal', (status) => status.audit.length === 6);
    expect(audit.slice(1).map(({ requestId, verdict }) => [requestId, verdict])).toEqual([
      ['r1', 'refused'],
      ['r1', 'duplicate'],
      ['', 'refused'],
      ['r2', 'accepted'],
      ['r4', 'refused'],
    ]);
    expect(back?.left).toEqual(['stage', 'operator', 'orphan']);
    await handle.terminate();
    await stop();
  });
});
