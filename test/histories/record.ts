/**
 * Records histories of the workflows as they are now, for the replay test: `node test/histories/record.ts`.
 * Run it for each shipped version, once, and keep what earlier versions recorded: runs of theirs may still be going on.
 */
import { mkdir, readFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { failure, watchUntilCancelled } from '../workflow/fake-cluster.ts';
import { breach, FakeWatch } from '../workflow/fake-watch.ts';
import { devServer } from '../workflow/test-server.ts';
import { world, type World } from '../workflow/world.ts';
import { writeHistory } from './history-file.ts';

const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };
const fleet = 'home';

/** Each leaves one history by its name. The fleet is always called `home`, so that a history says nothing random. */
const stories: Record<string, (made: World) => Promise<WorkflowHandle>> = {
  async forward({ edge, person, startCluster }) {
    edge.answers.watchHealth = watchUntilCancelled;
    const handle = await startCluster();
    const anna = person('edge');
    await anna.seesGate('start');
    await anna.decides({ requestId: 'stale', gate: 'start', digest: 'sha256:yesterday' });
    for (const gate of ['start', 'cutover'] as const) await anna.approves(gate);
    await anna.seesSoak('soak');
    await anna.skipsSoak();
    await anna.approves('retire');
    await handle.result();
    return handle;
  },
  async 'held-and-rolled-back'({ edge, person, startCluster }) {
    const watch = new FakeWatch(edge);
    edge.answers.installOperator = (_, nth) => (nth === 1 ? Promise.reject(failure('NotReady', 'no')) : undefined);
    edge.answers.removeInstance = (_, nth) => (nth === 1 ? Promise.reject(failure('Forbidden', 'no')) : undefined);
    const handle = await startCluster();
    const anna = person('edge');
    await anna.approves('start');
    await anna.seesHold();
    await anna.resolves('retry');
    await anna.rejects('cutover');
    await anna.seesHold();
    await anna.resolves('retry');
    await anna.approves('cutover');
    await anna.seesSoak('soak');
    watch.sees(breach('unready'));
    await anna.seesHold();
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    watch.sees(breach('owner-resumed'));
    await anna.sees('the breach', ({ hold }) => hold?.phase === 'soak');
    await anna.resolves('rollback');
    await anna.sees('the failed compensation', ({ hold }) => hold?.phase === 'stage');
    await anna.resolves('retry');
    await handle.result();
    return handle;
  },
  async cancelled({ edge, person, startCluster }) {
    edge.answers.watchHealth = watchUntilCancelled;
    const handle = await startCluster();
    for (const gate of ['start', 'cutover'] as const) await person('edge').approves(gate);
    await person('edge').seesSoak('soak');
    await handle.cancel();
    await handle.result().catch(() => {});
    return handle;
  },
  async interrupted({ edge, person, startCluster }) {
    edge.answers.adoptControllers = watchUntilCancelled;
    edge.answers.findDependents = async (_, nth) => ({ dependents: nth === 1 ? [{ id: 'built-on-operator', severity: 'refuse', what: 'ResourceSet', why: 'x', mend: 'y' }] : [] });
    edge.answers.removeOperator = () => Promise.reject(failure('NotReady', 'no'));
    const handle = await startCluster();
    const anna = person('edge');
    for (const gate of ['start', 'cutover'] as const) await anna.approves(gate);
    await anna.sees('adopt', () => edge.calls().at(-1) === 'adoptControllers');
    await anna.rollsBack({ requestId: 'back', reason: 'alerts' });
    await anna.sees('what was built on it', ({ hold }) => hold?.phase === 'stage');
    await anna.resolves('retry');
    await anna.sees('the failed compensation', ({ hold }) => hold?.phase === 'operator');
    await anna.resolves('skip', 'by hand');
    await handle.result();
    return handle;
  },
  async rejected({ person, startCluster }) {
    const handle = await startCluster();
    await person('edge').rejects('start');
    await handle.result();
    return handle;
  },
  async 'fleet-brought-back'({ edge, main, person, startFleet }) {
    edge.answers.watchHealth = watchUntilCancelled;
    main.answers.adoptControllers = watchUntilCancelled;
    const handle = await startFleet();
    await person('main').sees('adopt', () => main.calls().at(-1) === 'adoptControllers');
    await handle.signal('rollback', { requestId: 'back', approver: 'anna', reason: 'alerts' });
    await handle.result();
    return handle;
  },
  async fleet({ edge, main, startFleet }) {
    for (const cluster of [edge, main]) cluster.answers.watchHealth = watchUntilCancelled;
    const handle = await startFleet();
    await handle.result();
    return handle;
  },
};

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const folder = new URL(`${version}/`, import.meta.url);
await mkdir(folder, { recursive: true });
const env = await devServer();
for (const [name, tell] of Object.entries(stories)) {
  const settings = { fleet, soak: { afterAdopt: '1m', afterRetire: '1s' } };
  const made = world(env, name.startsWith('fleet') ? { ...settings, soak: { afterAdopt: '1s', afterRetire: '1s' }, gates: auto } : settings);
  const { stop } = await made.startWorker();
  const handle = await tell(made);
  await stop();
  await writeHistory(new URL(`${name}.json`, folder), await handle.fetchHistory());
  process.stdout.write(`${version}/${name}.json\n`);
}
await env.teardown();
