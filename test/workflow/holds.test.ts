/** What happens when a step fails: retried where that is safe, else held until a person says what to do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { check, done, failure } from './fake-cluster.ts';
import { timeSkippingServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(async () => env?.teardown());

const auto = { gates: { start: 'auto', cutover: 'auto', retire: 'auto' } };

/** A cluster whose gates pass by themselves, started together with its worker. */
async function begun(prepare: (made: World) => void, settings: Record<string, unknown> = auto) {
  const made = world(env, settings);
  prepare(made);
  const { stop } = await made.startWorker();
  const handle = await made.startCluster();
  return { ...made, handle, stop, anna: made.person('edge') };
}

const finding = {
  id: 'chart-missing',
  severity: 'refuse',
  what: 'oci://ghcr.io/x:1 cannot be pulled',
  why: 'the operator would not come up',
  mend: 'push the chart',
} as const;

describe('a failed phase', () => {
  test('is held with its findings; retry does it again, without its gate, and goes on', async () => {
    const { anna, edge, handle, stop } = await begun(
      ({ edge: fake }) => {
        fake.answers.adoptControllers = (_, nth) =>
          nth === 1
            ? Promise.reject(
                failure('NotReady', 'FluxInstance is not Ready', [{ ...finding, id: 'instance' }]),
              )
            : undefined;
      },
      { gates: { ...auto.gates, cutover: 'manual' } },
    );
    await anna.approves('cutover');
    const held = await anna.seesHold();
    expect(held).toMatchObject({
      state: 'held',
      phase: 'adopt',
      gate: null,
      hold: { phase: 'adopt', findings: [{ id: 'instance', mend: 'push the chart' }] },
    });
    expect(held.hold?.choices).toEqual([
      'flux-handover retry edge',
      'flux-handover rollback edge',
      'flux-handover abandon edge',
    ]);
    await anna.resolves('retry');
    const soaking = await anna.seesSoak('soak');
    expect(soaking.hold).toBeNull();
    expect(edge.calls().filter((call) => call === 'adoptControllers')).toHaveLength(2);
    expect(edge.calls().filter((call) => call === 'beginRun')).toHaveLength(1);
    await handle.terminate();
    await stop();
  });

  test('a checklist that does not hold stops the cluster just the same', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.verify = async ({ phase }, nth) => {
        const ok = phase !== 'operator' || nth > 3;
        return {
          ok,
          checks: [check('flux check', true), check('flux get ks -A', ok, 'cluster-apps is not Ready')],
          evidence: [],
          gateDigest: `sha256:${phase}`,
        };
      };
    });
    const { hold, phases } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([
      { what: '"flux get ks -A" does not hold: cluster-apps is not Ready' },
    ]);
    expect(phases.at(-1)).toMatchObject({ phase: 'operator', endedAt: null });
    expect(edge.calls()).not.toContain('stageInstance');
    await anna.resolves('retry');
    const { phases: after } = await anna.seesSoak('soak');
    expect(after.map(({ phase }) => phase)).toEqual([
      'preflight',
      'secrets',
      'orphan',
      'operator',
      'stage',
      'adopt',
      'soak',
    ]);
    await handle.terminate();
    await stop();
  });

  test('rollback undoes in reverse what was begun, the failed phase first, and nothing else; the fleet stops', async () => {
    const made = world(env, auto);
    const { edge, main, person, startFleet, startWorker } = made;
    edge.answers.stageInstance = () => Promise.reject(failure('NotReady', 'the dry run shows a stranger'));
    const { stop } = await startWorker();
    const handle = await startFleet();
    await person('edge').seesHold();
    await person('edge').resolves('rollback');
    expect(await handle.result()).toMatchObject({
      clusters: [{ cluster: 'edge', outcome: 'legacy' }],
      untouched: ['main'],
    });
    expect(edge.calls().slice(-7)).toEqual([
      'stageInstance',
      'findDependents',
      'removeInstance',
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
    expect(main.calls()).toEqual([]);
    const { state, phases } = await person('edge').status();
    expect(state).toBe('rolled-back');
    expect(phases.slice(-3).map(({ phase, commit }) => [phase, commit])).toEqual([
      ['stage', 'commit-of-undo-stage'],
      ['operator', 'commit-of-undo-operator'],
      ['orphan', 'commit-of-undo-orphan'],
    ]);
    await stop();
  });

  test('a compensation that fails is a hold of its own; it is never passed over', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.stageInstance = () => Promise.reject(failure('NotReady', 'no'));
      fake.answers.removeOperator = (_, nth) =>
        nth === 1 ? Promise.reject(failure('Forbidden', 'the token was revoked')) : undefined;
    });
    await anna.seesHold();
    await anna.resolves('rollback');
    const held = await anna.sees(
      'the hold of the way back',
      ({ hold }) => hold?.findings[0]?.what === 'the token was revoked',
    );
    expect(held.hold).toMatchObject({
      phase: 'operator',
      choices: [
        'flux-handover retry edge',
        "flux-handover skip edge --reason '…'",
        'flux-handover abandon edge',
      ],
    });
    expect(edge.calls().at(-1)).toBe('removeOperator');
    await anna.resolves('rollback');
    expect(
      (await anna.sees('a refusal', ({ audit }) => audit.at(-1)?.verdict === 'refused')).hold,
    ).not.toBeNull();
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-6)).toEqual([
      'removeInstance',
      'removeOperator',
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
    await stop();
  });

  test('a cluster that is not as before after the way back is held, its Lease kept', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.installOperator = () => Promise.reject(failure('NotReady', 'no'));
      let sick = true;
      fake.answers.verify = async ({ phase }) => {
        const ok = phase !== 'preflight' || !sick;
        if (!ok) sick = false;
        return {
          ok,
          checks: [check('owners are legacy', ok, 'one is not')],
          evidence: [],
          gateDigest: `sha256:${phase}`,
        };
      };
    });
    await anna.seesHold();
    await anna.resolves('rollback');
    await anna.sees('the hold', ({ hold }) => hold?.findings[0]?.what.includes('owners are legacy') === true);
    expect(edge.calls()).not.toContain('endRun');
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls().slice(-3)).toEqual(['verify preflight', 'verify preflight', 'endRun']);
    await stop();
  });

  test('abandon leaves everything as it is, with the Lease, to a person', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.adoptControllers = () =>
        Promise.reject(failure('PlanChanged', 'someone pushed to flux.yaml'));
    });
    const { hold } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([{ id: 'PlanChanged', what: 'someone pushed to flux.yaml' }]);
    await anna.resolves('abandon');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'abandoned' });
    expect(edge.calls().at(-1)).toBe('adoptControllers');
    await stop();
  });

  test('what passes is retried without asking anyone', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.installOperator = (_, nth) =>
        nth < 8 ? Promise.reject(failure('Unreachable', 'the API server does not answer')) : undefined;
    });
    await anna.sees('retries', () => edge.calls().filter((call) => call === 'installOperator').length >= 2);
    await env.sleep('5 minutes');
    await anna.seesSoak('soak');
    expect((await anna.status()).audit.filter(({ message }) => message === 'resolve')).toEqual([]);
    expect(edge.calls().filter((call) => call === 'installOperator')).toHaveLength(8);
    await handle.terminate();
    await stop();
  });
});

describe('before anything changed', () => {
  test('a refusal of preflight is held with its findings; there is nothing to roll back', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.preflight = (_, nth) =>
        nth === 1 ? Promise.reject(failure('Refused', 'refused', [finding])) : undefined;
    });
    const { hold } = await anna.seesHold();
    expect(hold).toMatchObject({
      phase: 'preflight',
      findings: [finding],
      choices: ['flux-handover retry edge', 'flux-handover abandon edge'],
    });
    await anna.resolves('rollback');
    await anna.sees('a refusal', ({ audit }) => audit.length === 1 && audit[0]?.verdict === 'refused');
    expect(edge.calls()).toEqual(['preflight']);
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.calls().slice(0, 3)).toEqual(['preflight', 'preflight', 'beginRun']);
    await handle.terminate();
    await stop();
  });

  test('a cluster that does not answer is told within half a minute, after four tries', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.preflight = () =>
        Promise.reject(failure('Unreachable', 'edge does not answer at https://10.0.0.1:6443'));
    });
    await env.sleep('30s');
    const { hold } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([
      { id: 'Unreachable', what: 'edge does not answer at https://10.0.0.1:6443' },
    ]);
    expect(edge.calls()).toHaveLength(4);
    await anna.resolves('abandon');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'abandoned' });
    expect(edge.calls()).toHaveLength(4);
    await stop();
  });

  test('another run that holds the Lease is told; retry takes it once it is free', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.beginRun = (_, nth) =>
        nth === 1 ? Promise.reject(failure('LockHeld', 'run home-7f3a holds the Lease')) : undefined;
    });
    const { hold } = await anna.seesHold();
    expect(hold).toMatchObject({
      findings: [{ id: 'LockHeld', what: 'run home-7f3a holds the Lease' }],
      choices: ['flux-handover retry edge', 'flux-handover abandon edge'],
    });
    await anna.resolves('retry');
    await anna.seesSoak('soak');
    expect(edge.calls().slice(0, 4)).toEqual(['preflight', 'beginRun', 'beginRun', 'checkSecrets']);
    await handle.terminate();
    await stop();
  });

  test('secrets that are not Ready are refused after the Lease was taken; rollback gives it back and changes nothing', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.checkSecrets = () => Promise.reject(failure('Refused', 'sops-age is missing'));
    });
    await anna.seesHold();
    await anna.resolves('rollback');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'legacy' });
    expect(edge.calls()).toEqual(['preflight', 'beginRun', 'checkSecrets', 'endRun']);
    await stop();
  });

  test('a shape without a proven way is held, not guessed', async () => {
    const { anna, edge, handle, stop } = await begun(({ edge: fake }) => {
      fake.answers.preflight = async () => ({ ...fake.looksFine(), shape: 'operator' });
    });
    const { hold } = await anna.seesHold();
    expect(hold?.findings).toMatchObject([{ id: 'shape-not-offered' }]);
    expect(edge.calls()).toEqual(['preflight']);
    await handle.terminate();
    await stop();
  });

  test('a word on a hold that is not there is refused', async () => {
    const { anna, handle, stop } = await begun(() => {}, {});
    await anna.seesGate('start');
    await anna.resolves('rollback');
    const { audit, gate } = await anna.sees('the refusal', (status) => status.audit.length === 1);
    expect(audit).toMatchObject([{ message: 'resolve', asked: 'rollback', verdict: 'refused' }]);
    expect(gate?.gate).toBe('start');
    await handle.terminate();
    await stop();
  });

  test('the Lease is released at the end, and a failing release is held too', async () => {
    const { anna, edge, handle, stop } = await begun(
      ({ edge: fake }) => {
        fake.answers.endRun = (_, nth) =>
          nth === 1
            ? Promise.reject(failure('Forbidden', 'leases is forbidden'))
            : Promise.resolve(done('released'));
      },
      { ...auto, soak: { afterAdopt: '0s', afterRetire: '0s' } },
    );
    await anna.seesHold();
    await anna.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'edge', outcome: 'operator' });
    expect(edge.calls().filter((call) => call === 'retireLegacyOwner')).toHaveLength(1);
    await stop();
  });
});
