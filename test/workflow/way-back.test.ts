/** How a way back begins by itself, what holds it, and what a person can do then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { FailureType } from '../../src/activities/contract.ts';
import { backFromAdopt, check, failure, watchUntilCancelled, type FakeCluster } from './fake-cluster.ts';
import { devServer } from './test-server.ts';
import { world, type World } from './world.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await devServer();
});
afterAll(async () => env?.teardown());

const auto = { gates: { start: 'auto', cutover: 'auto', retire: 'auto' } };

/** One fleet whose clusters are driven side by side, each by its own test. */
function fleetOf(
  names: string[],
  settings: Record<string, unknown>,
): { driven: (name: string, prepare: (fake: FakeCluster) => void) => ReturnType<typeof drive> } {
  let made: World;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    made = world(env, { ...auto, ...settings }, names);
    ({ stop } = await made.startWorker());
  });
  afterAll(async () => stop?.());
  const drive = async (name: string, prepare: (fake: FakeCluster) => void) => {
    const fake = made.fake(name);
    fake.answers.watchHealth = watchUntilCancelled;
    prepare(fake);
    const handle = await made.startCluster(name);
    return { fake, handle, person: made.person(name) };
  };
  return { driven: drive };
}

describe('onFailure: rollback', () => {
  const names = ['step', 'checklist', 'identity', 'lease', 'forbidden', 'start'];
  const { driven } = fleetOf(names, { onFailure: 'rollback' });

  test.concurrent('takes the way back when a step fails for good, and the record says who decided', async () => {
    const { fake, handle, person } = await driven('step', (edge) => {
      edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'FluxInstance is not Ready'));
    });
    expect(await handle.result()).toEqual({ cluster: 'step', outcome: 'legacy' });
    expect(fake.calls().slice(-7)).toEqual(backFromAdopt);
    const { audit, back } = await person.status();
    expect(audit.at(-1)).toMatchObject({
      message: 'rollback',
      approver: 'handover.yaml',
      verdict: 'accepted',
      why: 'onFailure: rollback is set in handover.yaml, and adopt failed: FluxInstance is not Ready',
    });
    expect(back).toMatchObject({
      by: 'handover.yaml',
      reason: 'onFailure: rollback, and adopt failed',
      findings: [{ what: 'FluxInstance is not Ready' }],
    });
  });

  test.concurrent('takes it when the checklist after a phase does not hold', async () => {
    const { fake, handle } = await driven('checklist', (edge) => {
      edge.answers.verify = async ({ phase }) => ({
        ok: phase !== 'operator',
        checks: [check('flux get ks -A', phase !== 'operator', 'cluster-apps is not Ready')],
        evidence: [],
        gateDigest: 'sha256:x',
      });
    });
    expect(await handle.result()).toEqual({ cluster: 'checklist', outcome: 'legacy' });
    expect(fake.calls().slice(-5)).toEqual([
      'findDependents',
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
  });

  test.concurrent.each<[string, FailureType, string]>([
    ['identity', 'WrongCluster', 'another cluster is behind the context'],
    ['lease', 'LockHeld', 'another run drives the cluster'],
    ['forbidden', 'Forbidden', 'the credentials did not suffice'],
  ])('asks when nothing may be written: %s', async (name, type, why) => {
    const { fake, handle, person } = await driven(name, (edge) => {
      edge.answers.installOperator = () => Promise.reject(failure(type, 'no'));
    });
    const { hold } = await person.seesHold();
    expect(hold?.findings.at(-1)).toMatchObject({
      severity: 'note',
      what: `onFailure: rollback is set, but ${name} did not go back by itself`,
      why: expect.stringContaining(why),
    });
    expect(hold?.choices).toContain(`flux-handover rollback ${name}`);
    expect(fake.calls().at(-1)).toBe('installOperator');
    await handle.terminate();
  });

  test.concurrent('asks when nothing was begun, for there is nothing to undo', async () => {
    const { handle, person } = await driven('start', (edge) => {
      edge.answers.preflight = () => Promise.reject(failure('Refused', 'a chart is missing'));
    });
    const { hold } = await person.seesHold();
    expect(hold?.findings).toMatchObject([
      { what: 'a chart is missing' },
      { severity: 'note', why: 'nothing was begun, so there is nothing to undo' },
    ]);
    await handle.terminate();
  });
});

describe('on the way back', () => {
  const names = ['skipped', 'unreasoned', 'lossy', 'byhand', 'built', 'kept', 'left'];
  const { driven } = fleetOf(names, {});
  const failing =
    (name: 'removeOperator' | 'handBack', times = 99) =>
    (fake: FakeCluster) => {
      fake.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
      fake.answers[name] = (_, nth) =>
        nth <= times ? Promise.reject(failure('NotReady', `${name} hangs`)) : undefined;
    };

  test.concurrent('a compensation is passed over only with a reason, and that is on record', async () => {
    const { fake, handle, person } = await driven('skipped', failing('removeOperator'));
    await person.seesHold();
    await person.rollsBack();
    await person.sees('the hold', ({ hold }) => hold?.findings[0]?.what === 'removeOperator hangs');
    await person.resolves('skip');
    const { audit } = await person.sees('a refusal', (status) => status.audit.at(-1)?.verdict === 'refused');
    expect(audit.at(-1)?.why).toContain('skip needs a reason');
    expect(fake.calls().at(-1)).toBe('removeOperator');
    await person.resolves('skip', 'removed by hand');
    expect(await handle.result()).toEqual({ cluster: 'skipped', outcome: 'legacy' });
    expect(fake.calls().slice(-4)).toEqual([
      'removeOperator',
      'restoreLegacyOwner',
      'verify preflight',
      'endRun',
    ]);
    const after = await person.status();
    expect(after.audit.at(-1)).toMatchObject({
      asked: 'skip',
      reason: 'removed by hand',
      verdict: 'accepted',
    });
    expect(after.phases.findLast(({ phase }) => phase === 'operator')).toMatchObject({
      summary: 'not undone: removeOperator was passed over by anna: removed by hand',
      commit: null,
    });
  });

  test.concurrent('what was passed over is still judged: a cluster that is not as before stays held', async () => {
    const { fake, handle, person } = await driven('unreasoned', (edge) => {
      failing('handBack')(edge);
      edge.answers.verify = async ({ phase }) => ({
        ok: phase !== 'preflight',
        checks: [check('owners are legacy', phase !== 'preflight', '29 objects are not')],
        evidence: [],
        gateDigest: 'sha256:x',
      });
    });
    await person.seesHold();
    await person.rollsBack();
    await person.sees('the hold', ({ hold }) => hold?.findings[0]?.what === 'handBack hangs');
    await person.resolves('skip', 'later');
    const { hold } = await person.sees(
      'the verdict',
      (status) => status.hold?.findings[0]?.what.includes('owners are legacy') === true,
    );
    expect(hold?.choices).toEqual(['flux-handover retry unreasoned', 'flux-handover abandon unreasoned']);
    expect(fake.calls()).not.toContain('endRun');
    await handle.terminate();
  });

  test.concurrent('a loss that Flux does not need is passed over with a reason, and is on record', async () => {
    const { handle, person } = await driven('lossy', (edge) => {
      edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
      edge.answers.verify = async ({ phase, passedOver }) => {
        const ok = phase !== 'preflight' || passedOver.includes('PersistentVolumeClaim/apps/notes');
        const lost = { ...check('same identities', ok), passable: ['PersistentVolumeClaim/apps/notes'] };
        return { ok, checks: [lost], evidence: [], gateDigest: 'sha256:x' };
      };
    });
    await person.seesHold();
    await person.rollsBack();
    await person.sees(
      'the hold',
      ({ hold }) => hold?.choices.some((each) => each.includes(' skip ')) === true,
    );
    await person.resolves('skip', 'it was moved to another cluster');
    expect(await handle.result()).toEqual({ cluster: 'lossy', outcome: 'legacy' });
    expect((await person.status()).audit.at(-1)).toMatchObject({
      asked: 'skip',
      reason: 'it was moved to another cluster',
      verdict: 'accepted',
    });
  });

  test.concurrent('the hold shows the commands that do it by hand, ready to paste', async () => {
    const { handle, person } = await driven('byhand', failing('removeOperator', 1));
    await person.seesHold();
    await person.rollsBack();
    const { hold, back, state } = await person.sees(
      'the hold',
      (status) => (status.hold?.byHand.length ?? 0) > 0,
    );
    expect(state).toBe('held');
    expect(back?.left).toEqual(['operator', 'orphan']);
    expect(hold?.byHand).toEqual([
      '# must find none: without its operator an instance never goes',
      'kubectl --context byhand get fluxinstances -A',
      'git switch byhand && git pull --ff-only',
      'git revert --no-commit commit-of-operator',
      expect.stringMatching(
        /^git commit -am 'revert: operator' --trailer 'Handover-Run: .*' --trailer 'Handover-Step: undo-operator'$/,
      ),
      'git push origin byhand',
      '# the cluster fetches the commit now',
      'kubectl --context byhand annotate gitrepositories.source.toolkit.fluxcd.io --all -A reconcile.fluxcd.io/requestedAt="$(date +%s)" --overwrite',
      'kubectl --context byhand -n flux-system wait --for=delete kustomization/flux-operator --timeout=5m',
      'kubectl --context byhand -n flux-system delete helmrelease flux-operator --wait',
      'kubectl --context byhand -n flux-system delete ocirepository flux-operator',
      '# only where no ResourceSet of yours is left:',
      String.raw`kubectl --context byhand get crd -o name | grep '\.fluxcd\.controlplane\.io$' | xargs -r kubectl --context byhand delete`,
    ]);
    await person.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'byhand', outcome: 'legacy' });
  });

  const resourceSet = {
    id: 'built-on-operator',
    severity: 'refuse',
    what: 'ResourceSet apps/tenants manages 12 objects',
    why: 'nobody keeps them',
    mend: 'remove it',
  } as const;

  test.concurrent('what people built on the operator is named before it loses it, after the controllers were handed back', async () => {
    const { fake, handle, person } = await driven('built', (edge) => {
      edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
      edge.answers.findDependents = async (_, nth) => ({ dependents: nth <= 2 ? [resourceSet] : [] });
    });
    await person.seesHold();
    await person.rollsBack();
    const { hold } = await person.sees(
      'the question',
      (status) => status.hold?.findings[0]?.id === 'built-on-operator',
    );
    expect(hold).toMatchObject({ phase: 'stage', findings: [resourceSet], byHand: [] });
    expect(fake.calls().slice(-2)).toEqual(['handBack', 'findDependents']);
    await person.resolves('retry');
    await person.sees(
      'the question again',
      (status) => status.hold !== null && status.hold.since !== hold?.since,
    );
    await person.resolves('retry');
    expect(await handle.result()).toEqual({ cluster: 'built', outcome: 'legacy' });
    expect(fake.calls().filter((call) => call === 'findDependents')).toHaveLength(3);
  });

  test.concurrent('it may be left behind, with a reason, and is not asked about again', async () => {
    const { fake, handle, person } = await driven('kept', (edge) => {
      edge.answers.adoptControllers = () => Promise.reject(failure('NotReady', 'no'));
      edge.answers.findDependents = async () => ({ dependents: [resourceSet] });
    });
    await person.seesHold();
    await person.rollsBack();
    await person.sees('the question', (status) => status.hold?.findings[0]?.id === 'built-on-operator');
    await person.resolves('skip', 'nobody needs it');
    expect(await handle.result()).toEqual({ cluster: 'kept', outcome: 'legacy' });
    expect(fake.calls().slice(-7)).toEqual(backFromAdopt);
  });

  test.concurrent('abandon leaves what is left to a person, with the Lease', async () => {
    const { fake, handle, person } = await driven('left', failing('handBack'));
    await person.seesHold();
    await person.rollsBack();
    await person.sees('the hold', ({ hold }) => hold?.findings[0]?.what === 'handBack hangs');
    await person.resolves('abandon');
    expect(await handle.result()).toEqual({ cluster: 'left', outcome: 'abandoned' });
    expect(fake.calls().at(-1)).toBe('handBack');
    expect((await person.status()).back?.left).toEqual(['adopt', 'stage', 'operator', 'orphan']);
  });
});
