/** On the real Temporal server: a run outlives its workers, a history stays short, and a long one continues as new. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { failure, watchUntilCancelled } from './fake-cluster.ts';
import { breach, FakeWatch } from './fake-watch.ts';
import { devServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
let hasty: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await devServer();
  // Suggests to continue as new after 20 events instead of thousands.
  hasty = await devServer(['limit.historyCount.suggestContinueAsNew=20']);
});
afterAll(async () => {
  await env?.teardown();
  await hasty?.teardown();
});

const soak = { afterAdopt: '3s', afterRetire: '2s' };
const forward = [
  'preflight',
  'beginRun',
  'checkSecrets',
  'orphanLegacyOwner',
  'installOperator',
  'stageInstance',
  'adoptControllers',
  'retireLegacyOwner',
  'endRun',
];
const steps = ({ edge }: World): string[] => edge.calls().filter((call) => !call.startsWith('verify'));

describe('a run', () => {
  test('goes on with another worker when the first stops in the middle of adopt', async () => {
    const made = world(env, { soak });
    const { edge, person, startCluster, startWorker, journal } = made;
    edge.answers.watchHealth = watchUntilCancelled;
    edge.answers.adoptControllers = async () => {
      const context = Context.current();
      if (context.info.attempt > 1) return undefined as never;
      for (;;) {
        context.heartbeat('waiting for FluxInstance');
        await context.sleep(100);
      }
    };
    const first = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.approves('start');
    await anna.approves('cutover');
    await anna.sees('adopt', () => edge.calls().at(-1) === 'adoptControllers');
    await first.stop();
    await delay(500);
    const second = await startWorker();
    await anna.approves('retire');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    await second.stop();
    expect(steps(made)).toEqual(forward.toSpliced(6, 0, 'adoptControllers'));
    expect(
      journal.filter(({ activity }) => activity === 'adoptControllers').map(({ attempt }) => attempt),
    ).toEqual([1, 2]);
    // So does the watch: no other one was begun.
    expect(
      journal.filter(({ activity }) => activity === 'watchHealth').map(({ attempt }) => attempt),
    ).toEqual([1, 2]);
  });

  test('hears an approval that was sent while no worker ran', async () => {
    const { edge, person, startCluster, startWorker } = world(env, { soak });
    const first = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const { gate } = await anna.seesGate('start');
    await first.stop();
    await anna.decides({ gate: 'start', digest: gate?.digest ?? '' });
    const second = await startWorker();
    await anna.seesGate('cutover');
    expect(edge.calls()).toContain('stageInstance');
    await handle.terminate();
    await second.stop();
  });

  test("of one cluster with immediate approvals stays under 250 events, in the cluster's workflow", async () => {
    const { edge, person, startCluster, startWorker } = world(env, { soak });
    edge.answers.watchHealth = watchUntilCancelled;
    const { stop } = await startWorker();
    const handle = await startCluster();
    for (const gate of ['start', 'cutover', 'retire'] as const) await person('edge').approves(gate);
    await handle.result();
    await stop();
    const { events } = await handle.fetchHistory();
    const count = events?.length ?? 0;
    const bytes = (await handle.describe()).historySize ?? 0;
    process.stdout.write(`one cluster's history: ${count} events, ${Math.round(bytes / 1024)} KiB\n`);
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThanOrEqual(250);
    const shown = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes || event.timerStartedEventAttributes,
    );
    expect(shown.filter(({ userMetadata }) => !userMetadata?.summary?.data)).toEqual([]);
  });

  test('that continues as new loses nothing: phases, audit list, soak, and each step done once', async () => {
    const made = world(hasty, { soak });
    const { edge, person, startCluster, startWorker } = made;
    edge.answers.watchHealth = watchUntilCancelled;
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const digests: string[] = [];
    for (const gate of ['start', 'cutover', 'retire'] as const)
      digests.push((await anna.approves(gate)).gate?.digest ?? '');
    await anna.decides({ requestId: 'late', gate: 'start', digest: digests[0] ?? '' });
    await anna.decides({ requestId: 'late', gate: 'start', digest: digests[0] ?? '' });
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    const { phases, audit } = await anna.status();
    await stop();
    const firstRun = await made.client.workflow
      .getHandle(handle.workflowId, handle.firstExecutionRunId)
      .describe();
    expect(firstRun.status.name).toBe('CONTINUED_AS_NEW');
    expect(steps(made)).toEqual(forward);
    expect(audit.map(({ asked, verdict }) => [asked, verdict])).toEqual([
      ['approve start', 'accepted'],
      ['approve cutover', 'accepted'],
      ['approve retire', 'accepted'],
      ['approve start', 'refused'],
      ['approve start', 'duplicate'],
    ]);
    expect(phases.map(({ phase, endedAt }) => [phase, endedAt !== null])).toEqual(
      ['preflight', 'secrets', 'orphan', 'operator', 'stage', 'adopt', 'soak', 'retire', 'settle'].map(
        (phase) => [phase, true],
      ),
    );
  });

  test('that continues as new while held, or on its way back, is still held and still goes back', async () => {
    const made = world(hasty, { soak, gates: { start: 'auto', cutover: 'auto', retire: 'auto' } });
    const { edge, person, startCluster, startWorker } = made;
    const refuse = async (): Promise<never> =>
      Promise.reject(Object.assign(new Error('no'), { name: 'NotReady' }));
    edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
    edge.answers.removeInstance = (_, nth) => (nth === 1 ? refuse() : undefined);
    const watch = new FakeWatch(edge);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesHold();
    watch.sees(breach('unready'));
    await anna.sees('the breach', ({ hold }) => hold?.findings[0]?.id === 'unready');
    // Each run that continues has ended its watch before; the next one knows what was told already.
    await expect.poll(() => edge.watches().at(-1)?.known).toEqual(['unready']);
    await anna.resolves('rollback');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(watch).toMatchObject({ most: 1, running: 0 });
    await stop();
    expect(edge.calls().slice(-8)).toEqual([
      'handBack',
      'findDependents',
      'removeInstance',
      'removeInstance',
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
  });
});
