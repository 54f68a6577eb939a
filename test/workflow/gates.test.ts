/** What a word at a gate does, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { clusterWorkflowId, type AuditEntry, type GateDecision } from '../../src/workflows/contract.ts';
import { backFromAdopt } from './fake-cluster.ts';
import { timeSkippingServer } from './test-server.ts';
import { world } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };

describe('a gate', () => {
  test('refuses what is stale, unknown, not open, unsigned or not allowed, and hears a decision once', async () => {
    const { person, startCluster, startWorker, edge } = world(env, { approvers: ['anna', 'ben'] });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const gate = (await anna.seesGate('start')).gate;
    const digest = gate?.digest ?? '';
    expect(gate).toMatchObject({
      gate: 'start',
      digest: 'sha256:edge-preflight',
      planDigest: 'sha256:plan-edge',
    });

    await anna.decides({ requestId: 'stale', gate: 'start', digest: 'sha256:yesterday' });
    await anna.decides({ requestId: 'unknown', gate: 'finish' as 'start', digest });
    await anna.decides({ requestId: 'early', gate: 'cutover', digest });
    await anna.decides({ requestId: 'stranger', gate: 'start', digest, approver: 'mallory' });
    await anna.decides({ requestId: 'nobody', gate: 'start', digest, approver: '' });
    await anna.decides({ requestId: 'mumble', gate: 'start', digest, decision: 'maybe' as 'approve' });
    await handle.signal('decide');
    await handle.signal('decide', 7);
    const refused = await anna.sees('eight refusals', ({ audit }) => audit.length === 8);
    expect(refused.audit.map(({ verdict }) => verdict)).toEqual(Array(8).fill('refused'));
    expect(refused.audit.map(({ why }) => why)).toEqual([
      expect.stringContaining('sha256:edge-preflight'),
      expect.stringContaining('no gate "finish"'),
      expect.stringContaining('gate cutover of edge is not open (start is)'),
      expect.stringContaining('mallory is not among the approvers'),
      expect.stringContaining('does not say who'),
      expect.stringContaining('"maybe" is no decision'),
      expect.stringContaining('no requestId'),
      expect.stringContaining('no requestId'),
    ]);
    expect(refused.gate?.gate).toBe('start');
    expect(edge.calls()).toEqual(['preflight']);

    await anna.decides({ requestId: 'yes', gate: 'start', digest, approver: 'ben', reason: 'all read' });
    await anna.decides({ requestId: 'yes', gate: 'start', digest, decision: 'reject' });
    await anna.decides({ requestId: 'stale', gate: 'start', digest });
    const after = await anna.sees('the duplicates', ({ audit }) => audit.length === 11);
    expect(
      after.audit.slice(8).map(({ requestId, verdict, approver }) => [requestId, verdict, approver]),
    ).toEqual([
      ['yes', 'accepted', 'ben'],
      ['yes', 'duplicate', 'anna'],
      ['stale', 'duplicate', 'anna'],
    ]);
    const cutover = await anna.seesGate('cutover');
    // The digest of the gate now open is another one: the old approval opens nothing.
    await anna.decides({ requestId: 'old', gate: 'cutover', digest });
    expect((await anna.sees('a refusal', ({ audit }) => audit.length === 12)).gate).toEqual(cutover.gate);
    await handle.terminate();
    await stop();
  });

  test('three people answer in the same moment: the first counts, the others find the gate closed', async () => {
    const { person, startCluster, startWorker, edge } = world(env);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const digest = (await anna.seesGate('start')).gate?.digest ?? '';
    await Promise.all(
      ['anna', 'ben', 'cleo'].map((approver) => anna.decides({ gate: 'start', digest, approver })),
    );
    const { audit } = await anna.sees('all three', (status) => status.audit.length === 3);
    expect(audit.map(({ verdict }) => verdict)).toEqual(['accepted', 'refused', 'refused']);
    await anna.seesGate('cutover');
    expect(edge.calls()).toContain('stageInstance');
    await handle.terminate();
    await stop();
  });

  test('as an Update, the answer comes at once and a refusal changes nothing', async () => {
    const { person, startCluster, startWorker } = world(env);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const digest = (await anna.seesGate('start')).gate?.digest ?? '';
    const decision: GateDecision = {
      requestId: 'one',
      gate: 'start',
      digest: 'sha256:other',
      decision: 'approve',
      approver: 'anna',
    };
    const refusal = await handle
      .executeUpdate<AuditEntry, [GateDecision]>('decideUpdate', { args: [decision] })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refusal as WorkflowUpdateFailedError).cause?.message).toContain(
      'the decision is for sha256:other',
    );
    expect((await anna.status()).audit).toEqual([]);

    const answer = await handle.executeUpdate<AuditEntry, [GateDecision]>('decideUpdate', {
      args: [{ ...decision, digest }],
    });
    expect(answer).toMatchObject({ requestId: 'one', verdict: 'accepted', asked: 'approve start' });
    await anna.seesGate('cutover');
    await handle.terminate();
    await stop();
  });

  test('start rejected: nothing was begun, no Lease was taken, and the fleet ends there', async () => {
    const { person, startFleet, startWorker, edge, main } = world(env);
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').rejects('start');
    expect(await handle.result()).toMatchObject({
      clusters: [{ cluster: 'edge', outcome: 'rejected' }],
      untouched: ['main'],
      why: 'edge ended as rejected, so main was not touched',
    });
    expect(edge.calls()).toEqual(['preflight']);
    expect(main.calls()).toEqual([]);
    expect((await person('edge').status()).state).toBe('stopped');
    await stop();
  });

  test('cutover rejected: held, and retry asks again', async () => {
    const { person, startCluster, startWorker, edge } = world(env, { gates: { ...auto, cutover: 'manual' } });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.rejects('cutover');
    const { hold } = await anna.seesHold();
    expect(hold?.findings.map(({ id }) => id)).toEqual(['gate-rejected']);
    expect(hold?.choices).toEqual(['flux-handover retry edge', 'flux-handover rollback edge']);
    expect(edge.calls()).not.toContain('adoptControllers');
    await anna.resolves('retry');
    await anna.approves('cutover');
    await anna.seesSoak('soak');
    expect(edge.calls()).toContain('adoptControllers');
    await handle.terminate();
    await stop();
  });

  test('retire rejected, then rollback: the way back, in reverse', async () => {
    const { person, startCluster, startWorker, edge } = world(env, { gates: { ...auto, retire: 'manual' } });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesSoak('soak');
    await env.sleep('7 days');
    await anna.rejects('retire');
    await anna.seesHold();
    await anna.resolves('rollback');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-7)).toEqual(backFromAdopt);
    expect(edge.calls()).not.toContain('retireLegacyOwner');
    await stop();
  });

  test('an approval that took two days is followed by a second look; what changed meanwhile is asked again', async () => {
    const { person, startCluster, startWorker, edge } = world(env);
    let judged = 'sha256:monday';
    edge.answers.preflight = async () => ({ ...edge.looksFine(), gateDigest: judged });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const monday = await anna.seesGate('start');
    await env.sleep('2 days');
    judged = 'sha256:wednesday';
    await anna.decides({ gate: 'start', digest: monday.gate?.digest ?? '' });
    const wednesday = await anna.sees(
      'the gate asked again',
      ({ gate }) => gate?.digest === 'sha256:wednesday',
    );
    expect(wednesday.gate?.gate).toBe('start');
    expect(edge.calls()).toEqual(['preflight', 'preflight']);
    await anna.decides({ gate: 'start', digest: 'sha256:wednesday' });
    await anna.seesGate('cutover');
    expect(edge.calls().slice(0, 4)).toEqual(['preflight', 'preflight', 'beginRun', 'checkSecrets']);
    await handle.terminate();
    await stop();
  });

  test('set to auto it passes by itself, and the audit list says so', async () => {
    const { person, startCluster, startWorker } = world(env, { gates: auto });
    const { stop } = await startWorker();
    const handle = await startCluster();
    const { audit } = await person('edge').seesSoak('soak');
    expect(audit.map(({ asked, approver, verdict }) => [asked, approver, verdict])).toEqual([
      ['approve start', 'handover.yaml', 'accepted'],
      ['approve cutover', 'handover.yaml', 'accepted'],
    ]);
    await handle.terminate();
    await stop();
  });

  test('shows its phase and gate as search attributes, and its status as memo', async () => {
    const { person, startFleet, startWorker, config, client } = world(env);
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').seesGate('start');
    const description = await client.workflow.getHandle(clusterWorkflowId(config.fleet, 'edge')).describe();
    expect(
      Object.fromEntries(
        description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
      ),
    ).toMatchObject({
      FleetName: config.fleet,
      ClusterName: 'edge',
      HandoverPhase: 'secrets',
      HandoverGate: 'start',
    });
    expect(description.memo?.['status']).toMatchObject({
      cluster: 'edge',
      state: 'waiting-for-gate',
      gate: { gate: 'start' },
      audit: [],
    });
    await handle.terminate();
    await stop();
  });
});
