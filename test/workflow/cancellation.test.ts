/** Cancelling takes the way back: what runs is waited for, then everything begun is undone, and only then it ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure, type WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { clusterWorkflowId } from '../../src/workflows/contract.ts';
import { backFromAdopt, failure, watchUntilCancelled } from './fake-cluster.ts';
import { timeSkippingServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

const auto = { gates: { start: 'auto', cutover: 'auto', retire: 'auto' } };

/** A step that runs until it is told to stop, and then takes its time to stop. */
function slowToStop(running: { now: boolean }) {
  return async (): Promise<never> => {
    running.now = true;
    try {
      const context = Context.current();
      for (;;) {
        context.heartbeat();
        await context.sleep(100);
      }
    } catch (stopped) {
      await delay(1_500);
      throw stopped;
    } finally {
      running.now = false;
    }
  };
}

async function until(seen: () => boolean): Promise<void> {
  for (let tries = 0; !seen(); tries += 1) {
    if (tries > 200) throw new Error('waited in vain');
    await delay(50);
  }
}

describe('cancellation', () => {
  test('in the middle of adopt: the step has stopped before its compensation begins, and the end is "cancelled"', async () => {
    const made = world(env, auto);
    const { edge, person, startCluster, startWorker } = made;
    const running = { now: false };
    edge.answers.adoptControllers = slowToStop(running);
    const overlaps: string[] = [];
    for (const name of ['handBack', 'removeInstance'] as const)
      edge.answers[name] = async () => {
        if (running.now) overlaps.push(name);
        return undefined as never;
      };
    const { stop } = await startWorker();
    const handle = await startCluster();
    await until(() => running.now);
    await handle.cancel();
    const failed = (await handle.result().catch((error: unknown) => error)) as WorkflowFailedError;
    expect(failed.cause).toBeInstanceOf(CancelledFailure);
    expect(edge.calls().slice(-8)).toEqual(['adoptControllers', ...backFromAdopt]);
    expect(overlaps).toEqual([]);
    expect((await person('edge').status()).state).toBe('rolled-back');
    await stop();
  });

  test('of the fleet reaches its cluster, which goes back, and no other is begun', async () => {
    const { edge, main, person, startFleet, startWorker } = world(env, auto);
    edge.answers.watchHealth = watchUntilCancelled;
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').seesSoak('soak');
    await handle.cancel();
    const failed = (await handle.result().catch((error: unknown) => error)) as WorkflowFailedError;
    expect(failed.cause).toBeInstanceOf(CancelledFailure);
    expect(edge.calls().slice(-7)).toEqual(backFromAdopt);
    expect(main.calls()).toEqual([]);
    await stop();
  });

  test('of one cluster ends the fleet, which says why', async () => {
    const { edge, main, person, startFleet, startWorker, client, config } = world(env, {
      gates: { ...auto.gates, cutover: 'manual' },
    });
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').seesGate('cutover');
    await client.workflow.getHandle(clusterWorkflowId(config.fleet, 'edge')).cancel();
    expect(await handle.result()).toMatchObject({
      clusters: [{ cluster: 'edge', outcome: 'legacy' }],
      untouched: ['main'],
    });
    expect(edge.calls().slice(-6)).toEqual(backFromAdopt.slice(1));
    expect(main.calls()).toEqual([]);
    await stop();
  });

  test('while held is answered by the way back', async () => {
    const { edge, person, startCluster, startWorker } = world(env, auto);
    edge.answers.installOperator = () => Promise.reject(failure('NotReady', 'no'));
    const { stop } = await startWorker();
    const handle = await startCluster();
    await person('edge').seesHold();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(edge.calls().slice(-6)).toEqual([
      'installOperator',
      'findDependents',
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
    await stop();
  });

  test('before anything was begun undoes nothing', async () => {
    const { edge, person, startCluster, startWorker } = world(env);
    const { stop } = await startWorker();
    const handle = await startCluster();
    await person('edge').seesGate('start');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(edge.calls()).toEqual(['preflight']);
    await stop();
  });

  test('does not interrupt the way back, and a way back that was abandoned is no clean cancellation', async () => {
    const made: World = world(env, auto);
    const { edge, person, startFleet, startWorker, client, config } = made;
    edge.answers.installOperator = () => Promise.reject(failure('NotReady', 'no'));
    edge.answers.removeOperator = () => Promise.reject(failure('Forbidden', 'the token was revoked'));
    const { stop } = await startWorker();
    const handle = await startFleet();
    const anna = person('edge');
    await anna.seesHold();
    const cluster = client.workflow.getHandle(clusterWorkflowId(config.fleet, 'edge'));
    await cluster.cancel();
    const what = 'the hold of the way back';
    await anna.sees(what, ({ hold }) => hold?.findings[0]?.what === 'the token was revoked');
    await cluster.cancel();
    await delay(500);
    await anna.sees(what, ({ hold }) => hold !== null);
    await anna.resolves('abandon');
    expect(await handle.result()).toMatchObject({
      clusters: [{ cluster: 'edge', outcome: 'abandoned' }],
      untouched: ['main'],
    });
    expect(edge.calls()).not.toContain('endRun');
    await stop();
  });
});
