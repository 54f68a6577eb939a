/** A shape without an owner of its own: nothing is orphaned on the way there, and nothing restored on the way back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from './test-server.ts';
import { world } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

test.each(['bootstrap-only', 'flux-bootstrap'] as const)(
  '%s goes through its own phases, there and back',
  async (shape) => {
    const { edge, person, startWorker, startCluster } = world(env, {
      gates: { start: 'auto', cutover: 'auto' },
    });
    edge.answers.preflight = async () => ({ ...edge.looksFine(), shape });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesSoak('soak');
    await anna.skipsSoak();
    await anna.rejects('retire');
    await anna.seesHold();
    const there = edge.calls().filter((call) => !/^(preflight|verify|watchHealth)/.test(call));
    expect(there).toEqual([
      'beginRun',
      'checkSecrets',
      'installOperator',
      'stageInstance',
      'adoptControllers',
    ]);
    await anna.resolves('rollback');
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'legacy' });
    const back = edge.calls().slice(edge.calls().indexOf('handBack'));
    expect(back.filter((call) => call !== 'verify preflight')).toEqual([
      'handBack',
      'findDependents',
      'removeInstance',
      'removeOperator',
      'endRun',
    ]);
    await stop();
  },
);
