/** The order of the clusters, and what stops a fleet. */
import type { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from './test-server.ts';
import { world } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

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

describe('a fleet', () => {
  test('edge soaks for seven days, then main, each phase in order and judged', async () => {
    const { edge, main, journal, person, startFleet, startWorker } = world(env);
    const { stop } = await startWorker();
    const handle = await startFleet();
    const started = await env.currentTimeMs();
    for (const cluster of ['edge', 'main'] as const) {
      const anna = person(cluster);
      await anna.approves('start');
      await anna.approves('cutover');
      await anna.seesSoak('soak');
      expect(main.calls().filter((call) => cluster === 'edge' && call)).toEqual([]);
      await env.sleep('7 days');
      await anna.approves('retire');
      await anna.seesSoak('settle');
      await env.sleep('1 hour');
    }
    const result = await handle.result();
    await stop();

    expect(result).toMatchObject({
      clusters: [
        { cluster: 'edge', outcome: 'operator' },
        { cluster: 'main', outcome: 'operator' },
      ],
      untouched: [],
      why: null,
    });
    expect(edge.calls().filter((call) => !call.startsWith('verify'))).toEqual(forward);
    expect(edge.calls().filter((call) => call.startsWith('verify'))).toEqual(
      ['secrets', 'orphan', 'operator', 'stage', 'adopt', 'soak', 'retire', 'settle'].map(
        (phase) => `verify ${phase}`,
      ),
    );
    const lastOfEdge = journal.findLastIndex(({ cluster }) => cluster === 'edge');
    const firstOfMain = journal.findIndex(({ cluster }) => cluster === 'main');
    expect(firstOfMain).toBeGreaterThan(lastOfEdge);
    expect((await env.currentTimeMs()) - started).toBeGreaterThan(14 * 86_400_000);
  });

  test('whose cluster is handed over by another run already does not touch it, and says which', async () => {
    const { edge, person, startCluster, startFleet, startWorker, config } = world(env);
    const { stop } = await startWorker();
    const other = await startCluster();
    await person('edge').seesGate('start');
    const fleet = await startFleet();
    const failed = (await fleet.result().catch((error: unknown) => error)) as WorkflowFailedError;
    expect(failed.cause).toMatchObject({
      type: 'AlreadyRunning',
      message: expect.stringContaining(`handover/${config.fleet}/edge`),
    });
    expect(edge.calls()).toEqual(['preflight']);
    await other.terminate();
    await stop();
  });

  test('tells by query and by memo where it stands', async () => {
    const { person, startFleet, startWorker } = world(env);
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').seesGate('start');
    const clusters = [
      { cluster: 'edge', state: 'running', phase: null, outcome: null },
      { cluster: 'main', state: 'pending', phase: null, outcome: null },
    ];
    expect(await handle.query('status')).toMatchObject({ clusters });
    expect((await handle.describe()).memo?.['status']).toMatchObject({ clusters });
    await person('edge').rejects('start');
    await handle.result();
    expect((await handle.describe()).memo?.['status']).toMatchObject({
      clusters: [{ state: 'stopped', outcome: 'rejected' }, { state: 'pending' }],
    });
    await stop();
  });
});
