/** The soak: long, watched, ended early by a person only, and stopped by what the watch sees. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { backFromAdopt, lookAgainIn } from './fake-cluster.ts';
import { breach, FakeWatch, seen } from './fake-watch.ts';
import { timeSkippingServer } from './test-server.ts';
import { world } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

const auto = { gates: { start: 'auto', cutover: 'auto', retire: 'auto' } };
const day = 86_400_000;
const found = breach('unready');

describe('a soak', () => {
  test('of seven days ends after seven days, and not a minute before', async () => {
    const { person, startCluster, startWorker, edge } = world(env, auto);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const { until } = await anna.seesSoak('soak');
    const left = Date.parse(until ?? '') - (await env.currentTimeMs());
    expect(left).toBeGreaterThan(7 * day - 60_000);
    expect(left).toBeLessThanOrEqual(7 * day);
    await env.sleep(left - 60_000);
    expect((await anna.status()).state).toBe('soaking');
    expect(edge.calls()).not.toContain('retireLegacyOwner');
    await env.sleep('61s');
    await anna.seesSoak('settle');
    // This watch never came to look: nothing may say that the week was watched.
    expect((await anna.status()).phases.find(({ phase }) => phase === 'soak')?.summary).toBe(
      '7d went by, and the watch reported nothing',
    );
    expect(edge.calls()).toContain('retireLegacyOwner');
    await handle.terminate();
    await stop();
  });

  test('that sees a breach is held; retry goes on for the time that is left', async () => {
    const { person, startCluster, startWorker, edge } = world(env, auto);
    edge.answers.watchHealth = (_, nth) =>
      nth === 1 ? lookAgainIn('2 days') : nth === 2 ? seen(found) : undefined;
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    const first = await anna.seesSoak('soak');
    await env.sleep('2 days');
    const { hold } = await anna.seesHold();
    expect(hold).toMatchObject({ phase: 'soak', findings: [found] });
    // Time in a hold is no soaking.
    await env.sleep('3 days');
    await anna.resolves('retry');
    const second = await anna.seesSoak('soak');
    expect((Date.parse(second.until ?? '') - Date.parse(first.until ?? '')) / day).toBeCloseTo(3, 1);
    await env.sleep('5 days');
    await anna.seesSoak('settle');
    await handle.terminate();
    await stop();
  });

  test('that is held for a loss alone goes on without it on a word with a reason; then it is not judged any more', async () => {
    const { person, startCluster, startWorker, edge } = world(env, auto);
    const lost = {
      ...breach('object-gone'),
      passable: ['Provider.notification.toolkit.fluxcd.io/apps/plex'],
    };
    let asked = 0;
    edge.answers.watchHealth = ({ known, passedOver }, nth) => {
      if (nth === 1) return lookAgainIn('2 days');
      if (known.length > 0 || passedOver.length > 0) return undefined;
      asked += 1;
      return asked === 1 ? seen(lost, found) : seen(lost);
    };
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesSoak('soak');
    await env.sleep('2 days');
    const { hold: both } = await anna.seesHold();
    expect(both?.choices).not.toContain("flux-handover skip edge --reason '…'");
    await anna.resolves('retry');
    const { hold } = await anna.sees('the loss alone', (status) => status.hold?.findings.length === 1);
    expect(hold?.choices).toContain("flux-handover skip edge --reason '…'");
    await anna.resolves('skip', 'plex was taken away');
    await anna.seesSoak('soak');
    expect((await anna.sees('what was passed over', () => true)).passedOver).toEqual(lost.passable);
    await anna.skipsSoak();
    await anna.seesSoak('settle');
    expect(edge.watches().at(-1)?.passedOver).toEqual(lost.passable);
    const { input } = edge.journal.findLast(({ activity }) => activity === 'verify') ?? {};
    expect(input).toMatchObject({ passedOver: lost.passable });
    await handle.terminate();
    await stop();
  });

  test('that sees a breach can be rolled back', async () => {
    const { person, startCluster, startWorker, edge } = world(env, auto);
    edge.answers.watchHealth = (_, nth) =>
      nth === 1 ? lookAgainIn('2 days') : nth === 2 ? seen(found) : undefined;
    const { stop } = await startWorker();
    const handle = await startCluster();
    await person('edge').seesSoak('soak');
    await env.sleep('2 days');
    await person('edge').seesHold();
    await person('edge').resolves('rollback');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-7)).toEqual(backFromAdopt);
    await stop();
  });

  test('ends early on a word, and the same watch goes on', async () => {
    const { person, startCluster, startWorker, edge } = world(env, auto);
    const watch = new FakeWatch(edge);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesSoak('soak');
    expect(watch.running).toBe(1);
    await anna.skipsSoak();
    await anna.seesSoak('settle');
    const { phases, audit } = await anna.status();
    expect(phases.find(({ phase }) => phase === 'soak')?.summary).toMatch(/^ended after \d+s by anna$/);
    expect(audit.filter(({ message }) => message === 'skipSoak')).toMatchObject([
      { verdict: 'accepted', approver: 'anna' },
    ]);
    await anna.skipsSoak();
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    expect(edge.watches()).toHaveLength(1);
    expect(watch).toMatchObject({ running: 0, most: 1 });
    await stop();
  });

  test('can not be skipped where none is', async () => {
    const { person, startCluster, startWorker } = world(env);
    const { stop } = await startWorker();
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesGate('start');
    await anna.skipsSoak();
    const { audit } = await anna.sees('the refusal', (status) => status.audit.length === 1);
    expect(audit[0]).toMatchObject({
      verdict: 'refused',
      why: expect.stringContaining('edge is not soaking'),
    });
    await handle.terminate();
    await stop();
  });
});
