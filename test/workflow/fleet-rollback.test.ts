/** A fleet goes back: what is under way first, then what was handed over, the last one first; never do two clusters move. */
import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { AuditEntry, FleetRollbackRequest } from '../../src/workflows/contract.ts';
import { backFromAdopt, failure, watchUntilCancelled } from './fake-cluster.ts';
import { devServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await devServer();
});
afterAll(async () => env?.teardown());

const auto = { gates: { start: 'auto', cutover: 'auto', retire: 'auto' } };
/** edge is handed over at once; main stays in its soak. */
const settings = { ...auto, soak: { afterAdopt: '0s', afterRetire: '0s' } };
const afterwards = ['findWayBack', 'beginRun', 'restoreRetired', ...backFromAdopt];

async function begun(prepare: (made: World) => void = () => {}, names?: string[]) {
  const made = world(env, settings, names);
  for (const { name } of made.config.clusters) made.fake(name).answers.watchHealth = watchUntilCancelled;
  prepare(made);
  const { stop } = await made.startWorker();
  const handle = await made.startFleet();
  const asks = (request: Partial<FleetRollbackRequest>): Promise<AuditEntry> =>
    handle.executeUpdate<AuditEntry, [FleetRollbackRequest]>('rollbackUpdate', {
      args: [{ requestId: 'r1', approver: 'anna', ...request }],
    });
  return { ...made, handle, stop, asks };
}

/** Stays in a step until it is told to stop. */
async function stay(): Promise<never> {
  for (;;) {
    Context.current().heartbeat();
    await Context.current().sleep(100);
  }
}

describe('a fleet', () => {
  test.concurrent('goes back whole: main, which is under way, then edge; what was not begun stays untouched', async () => {
    const names = ['edge', 'main', 'last'];
    const { edge, main, fake, journal, handle, person, asks, stop } = await begun(({ main: fakeMain }) => {
      fakeMain.answers.adoptControllers = stay;
    }, names);
    await person('main').sees('adopt', () => main.calls().at(-1) === 'adoptControllers');
    expect(await asks({ reason: 'alerts' })).toMatchObject({
      verdict: 'accepted',
      asked: 'rollback the fleet',
    });
    expect(await handle.result()).toEqual({
      run: expect.any(String),
      clusters: [
        { cluster: 'edge', outcome: 'legacy' },
        { cluster: 'main', outcome: 'legacy' },
      ],
      untouched: ['last'],
      why: 'brought back on the word of anna (alerts): edge, main',
    });
    expect(main.calls().slice(-7)).toEqual(backFromAdopt);
    expect(edge.calls().slice(-10)).toEqual(afterwards);
    expect(fake('last').calls()).toEqual([]);
    const mainEnds = journal.findLastIndex(({ cluster }) => cluster === 'main');
    const edgeGoesBack = journal.findIndex(({ activity }) => activity === 'findWayBack');
    expect(edgeGoesBack).toBeGreaterThan(mainEnds);
    const { back: word, state, phases } = await person('edge').status();
    expect({ state, word }).toMatchObject({
      state: 'rolled-back',
      word: { by: 'anna', reason: 'alerts', left: [] },
    });
    // What the earlier workflow had done stays on the record.
    const forward = ['orphan', 'operator', 'stage', 'adopt', 'retire'];
    expect(phases.map(({ phase, commit }) => [phase, commit])).toEqual([
      ...forward.map((phase) => [phase, `earlier-${phase}`]),
      ...forward.toReversed().map((phase) => [phase, `commit-of-undo-${phase}`]),
    ]);
    await stop();
  });

  test.concurrent('brings main alone back while edge stays on the operator, and says so', async () => {
    const { edge, main, handle, person, stop } = await begun(({ main: fakeMain }) => {
      fakeMain.answers.retireLegacyOwner = stay;
    });
    await person('main').sees('retire', () => main.calls().at(-1) === 'retireLegacyOwner');
    const callsOfEdge = edge.calls();
    await person('main').rollsBack();
    expect(await handle.result()).toMatchObject({
      clusters: [
        { cluster: 'edge', outcome: 'operator' },
        { cluster: 'main', outcome: 'legacy' },
      ],
      why: 'main ended as legacy',
    });
    expect(main.calls().slice(-8)).toEqual(['restoreRetired', ...backFromAdopt]);
    expect(edge.calls()).toEqual(callsOfEdge);
    await stop();
  });

  test.concurrent('brings edge alone back; main stands still meanwhile, and goes on at a word', async () => {
    const { edge, main, journal, handle, person, asks, stop } = await begun(({ main: fakeMain }) => {
      fakeMain.answers.adoptControllers = (_, nth) => (nth === 1 ? stay() : undefined);
    });
    await person('main').sees('adopt', () => main.calls().at(-1) === 'adoptControllers');
    await asks({ clusters: ['edge'], reason: 'alerts' });
    await person('edge').sees('edge on legacy', ({ state }) => state === 'rolled-back');
    expect(edge.calls().slice(-10)).toEqual(afterwards);
    const begunAgain = journal.findIndex(({ activity }) => activity === 'findWayBack');
    expect(journal.slice(begunAgain).map(({ cluster }) => cluster)).not.toContain('main');
    const { hold } = await person('main').seesHold();
    expect(hold).toMatchObject({
      phase: 'adopt',
      findings: [{ id: 'paused', what: 'anna lets the cluster stand still: edge goes back: alerts' }],
    });
    await person('main').resolves('retry');
    expect(await handle.result()).toMatchObject({
      clusters: [
        { cluster: 'edge', outcome: 'legacy' },
        { cluster: 'main', outcome: 'operator' },
      ],
    });
    await stop();
  });

  test.concurrent('stands still while a cluster is held on its way back: none before it or after it moves', async () => {
    const names = ['edge', 'main', 'last'];
    const { edge, main, fake, handle, person, asks, stop } = await begun(({ main: fakeMain }) => {
      fakeMain.answers.adoptControllers = stay;
      fakeMain.answers.handBack = () => Promise.reject(failure('NotReady', 'three objects are left'));
    }, names);
    await person('main').sees('adopt', () => main.calls().at(-1) === 'adoptControllers');
    const callsOfEdge = edge.calls();
    await asks({});
    await person('main').seesHold();
    await person('main').resolves('abandon');
    expect(await handle.result()).toMatchObject({
      clusters: [
        { cluster: 'edge', outcome: 'operator' },
        { cluster: 'main', outcome: 'abandoned' },
      ],
      untouched: ['last'],
      why: 'main ended as abandoned, so edge was not brought back and last was not touched',
    });
    expect(edge.calls()).toEqual(callsOfEdge);
    expect(fake('last').calls()).toEqual([]);
    await stop();
  });

  test.concurrent('refuses words on what was not begun, from strangers, and a second one', async () => {
    const { main, handle, person, asks, stop } = await begun(({ main: fakeMain, edge }) => {
      edge.answers.adoptControllers = stay;
      fakeMain.answers.adoptControllers = stay;
    });
    await person('edge').sees('edge', ({ phase }) => phase === 'adopt');
    const refusal = async (request: Partial<FleetRollbackRequest>): Promise<string> =>
      asks(request).then(
        () => 'accepted',
        (error: Error) => (error.cause as Error).message,
      );
    expect(await refusal({ clusters: ['main'] })).toContain('main was not begun');
    expect(await refusal({ clusters: ['moon'] })).toContain('no cluster moon');
    expect(await refusal({ approver: '' })).toContain('who approves');
    await asks({});
    expect(await refusal({ requestId: 'r2' })).toContain('on its way back already');
    expect(await handle.result()).toMatchObject({ clusters: [{ outcome: 'legacy' }], untouched: ['main'] });
    expect(main.calls()).toEqual([]);
    await stop();
  });

  test.concurrent('that has ended is brought back by a run of its own, the last cluster first', async () => {
    const made = await begun();
    const { edge, main, journal, handle, startFleet, stop } = made;
    expect(await handle.result()).toMatchObject({ why: null });
    const done = journal.length;
    const second = await startFleet({ back: { approver: 'anna', reason: 'alerts' } });
    expect(await second.result()).toMatchObject({
      clusters: [
        { cluster: 'main', outcome: 'legacy' },
        { cluster: 'edge', outcome: 'legacy' },
      ],
      why: 'brought back on the word of anna (alerts): main, edge',
    });
    const order = [...new Set(journal.slice(done).map(({ cluster }) => cluster))];
    expect(order).toEqual(['main', 'edge']);
    for (const fake of [edge, main]) expect(fake.calls().slice(-10)).toEqual(afterwards);
    await stop();
  });

  test.concurrent('a cluster that does not fit is held before anything is undone', async () => {
    const misfit = {
      id: 'owner-elsewhere',
      severity: 'refuse',
      what: 'another owner',
      why: 'x',
      mend: 'y',
    } as const;
    const { edge, handle, journal, person, startFleet, stop } = await begun();
    await handle.result();
    edge.answers.findWayBack = async (_, nth) =>
      nth === 1
        ? { step: null, shape: 'self-managed', install: null, due: [], commits: [], misfits: [misfit] }
        : (undefined as never);
    const second = await startFleet({ back: { approver: 'anna', reason: '' } });
    const held = await person('edge').sees(
      'the misfit',
      ({ hold }) => hold?.findings[0]?.id === 'owner-elsewhere',
    );
    expect(held.hold?.choices).toEqual(['flux-handover retry edge', 'flux-handover abandon edge']);
    expect(journal.at(-1)).toMatchObject({ cluster: 'edge', activity: 'findWayBack' });
    await person('edge').resolves('retry');
    expect(await second.result()).toMatchObject({ clusters: [{ outcome: 'legacy' }, { outcome: 'legacy' }] });
    await stop();
  });
});
