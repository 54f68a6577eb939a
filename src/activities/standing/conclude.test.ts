import { describe, expect, test } from 'vitest';
import type { PhaseName } from '../../plan/phases.ts';
import type { CommittedStep } from '../../repo/steps.ts';
import type { RunRecord } from '../run-record.ts';
import { conclude } from './conclude.ts';
import type { Sighting } from './sighting.ts';

const run = 'home-1';
const forward = ['orphan', 'operator', 'stage', 'adopt', 'retire'] as const;
const uid = 'a-uid';

function record(change: Partial<RunRecord> = {}): RunRecord {
  return { run, cluster: 'edge', clusterUid: uid, shape: 'self-managed', ...change } as RunRecord;
}

/** Commits of a run as they stand on the branch after some steps, each undone by a later `undo-`. */
function committed(steps: readonly string[], ofRun = run): CommittedStep[] {
  return steps.map((step, index) => {
    const undone = steps.lastIndexOf(`undo-${step}`) > index;
    const at = new Date(index * 60_000).toISOString();
    return { run: ofRun, step, commit: String(index), at, undone };
  });
}

const controllers = (adopted: boolean) =>
  ['source-controller', 'kustomize-controller'].map((name) => ({ name, adopted }));
const instance = { name: 'flux-system/flux', enabled: true, disabledByUs: false, deleting: false };
const held = {
  identity: run,
  run,
  direct: false,
  about: {},
  renewedAt: '2026-01-01T00:00:00Z',
  fresh: false,
};
const owner = { name: 'Kustomization flux-system/flux', there: true, lacksOrphaned: '', deleting: false };

const untouched: Sighting = {
  cluster: 'edge',
  branch: 'edge',
  context: 'edge',
  namespace: 'flux-system',
  clusterUid: uid,
  lease: null,
  records: [],
  steps: [],
  gitTrouble: null,
  instances: [],
  operators: [],
  owner: null,
  controllers: controllers(false),
  builtOnOperator: [],
};

/** What is live once the last of these phases has arrived. */
function after(phase: PhaseName | null): Partial<Sighting> {
  const reached = (wanted: PhaseName): boolean =>
    phase !== null && forward.indexOf(phase as 'orphan') >= forward.indexOf(wanted as 'orphan');
  return {
    lease: held,
    records: [record()],
    operators: reached('operator') ? ['flux-system/flux-operator'] : [],
    instances: reached('stage') ? [{ ...instance, enabled: reached('adopt') }] : [],
    controllers: controllers(reached('adopt')),
    owner: {
      ...owner,
      there: !reached('retire'),
      lacksOrphaned: reached('orphan') ? '' : 'suspend: true, prune: false, deletionPolicy: Orphan',
    },
  };
}

const see = (change: Partial<Sighting>) => conclude({ ...untouched, ...change });
const ids = (change: Partial<Sighting>) => see(change).misfits.map(({ id }) => id);
const phases = (change: Partial<Sighting>) => see(change).due.map(({ phase }) => phase);

describe('a cluster that nobody moved', () => {
  test('is legacy, and nothing is due', () => {
    expect(see({})).toMatchObject({ at: 'legacy', run: null, phase: null, due: [], misfits: [] });
  });

  test('stays legacy where Git does not answer', () => {
    expect(see({ steps: null })).toMatchObject({ at: 'legacy', due: [], gitAnswers: false });
  });

  test('is held by a run that has only taken the Lease', () => {
    expect(see({ ...after(null) })).toMatchObject({ at: 'underway', run, phase: null, due: [] });
  });
});

describe('on the way forward', () => {
  test.each(forward)('%s is in force: everything up to it is due, last first', (phase) => {
    const done = forward.slice(0, forward.indexOf(phase) + 1);
    const found = see({ ...after(phase), steps: committed(done) });
    expect(found).toMatchObject({ at: 'underway', run, phase, way: 'forward', misfits: [] });
    expect(found.due.map((step) => step.phase)).toEqual(done.toReversed());
    expect(found.commits.map((step) => [step.phase, step.commit])).toEqual(
      done.map((each, index) => [each, String(index)]),
    );
  });

  test.each(forward)('%s was committed and has not arrived: it counts as done for the way back', (phase) => {
    const done = forward.slice(0, forward.indexOf(phase) + 1);
    const before = done.at(-2) ?? null;
    const found = see({ ...after(before), steps: committed(done) });
    expect(found).toMatchObject({ at: 'underway', phase, misfits: [] });
    expect(found.due.map((step) => step.phase)).toEqual(done.toReversed());
  });

  test('after retire, with the Lease released, the handover has ended, and all of it can be undone', () => {
    const found = see({ ...after('retire'), lease: null, steps: committed(forward) });
    expect(found).toMatchObject({ at: 'operator', run, misfits: [] });
    expect(found.due.map(({ name }) => name)).toEqual([
      'restoreRetired',
      'handBack',
      'removeInstance',
      'removeOperator',
      'restoreLegacyOwner',
    ]);
  });

  test('a shape without orphan has none to undo', () => {
    const steps = ['operator', 'stage', 'adopt'];
    const live = { ...after('adopt'), records: [record({ shape: 'bootstrap-only' })], owner: null };
    expect(phases({ ...live, steps: committed(steps) })).toEqual(['adopt', 'stage', 'operator']);
  });

  test('a Lease that was removed by hand does not hide a run that is half done', () => {
    expect(see({ ...after('adopt'), lease: null, steps: committed(forward.slice(0, 4)) })).toMatchObject({
      at: 'underway',
      phase: 'adopt',
    });
  });
});

describe('on the way back', () => {
  const back = ['undo-retire', 'undo-adopt', 'undo-stage', 'undo-operator'];

  test.each([1, 2, 3, 4])('after %i undone steps the last of them is done once more', (undone) => {
    const left = forward.slice(0, 5 - undone);
    const last = forward[5 - undone] ?? 'orphan';
    // Live, the last step back has not arrived yet.
    const disabled = [{ ...instance, enabled: false, disabledByUs: true }];
    const live = {
      ...after(last),
      instances: undone >= 4 ? [] : disabled,
      owner: { ...owner, lacksOrphaned: undone >= 2 ? 'suspend: true' : '' },
    };
    const found = see({ ...live, steps: committed([...forward, ...back.slice(0, undone)]) });
    expect(found).toMatchObject({ at: 'underway', way: 'back', phase: last, misfits: [] });
    expect(found.due.map(({ phase }) => phase)).toEqual([last, ...left.toReversed()]);
  });

  test('with every commit undone and the Lease still held, the last step and the judgement are left', () => {
    const steps = committed([...forward, ...back, 'undo-orphan']);
    expect(see({ ...after(null), steps })).toMatchObject({ at: 'underway', way: 'back', misfits: [] });
    expect(phases({ ...after(null), steps })).toEqual(['orphan']);
  });

  test('with the Lease released it is rolled back, and nothing is due', () => {
    const steps = committed([...forward, ...back, 'undo-orphan']);
    expect(see({ ...after(null), lease: null, steps })).toMatchObject({
      at: 'rolled-back',
      run,
      due: [],
      misfits: [],
    });
  });

  test('a second run after one that was rolled back is the one at hand', () => {
    const first = committed(['orphan', 'undo-orphan'], 'home-0');
    const second = committed(['orphan', 'operator']);
    const found = see({ ...after('operator'), steps: [...first, ...second] });
    expect(found).toMatchObject({ at: 'underway', run, phase: 'operator', misfits: [] });
    expect(found.due.map(({ phase }) => phase)).toEqual(['operator', 'orphan']);
  });

  test('a command line that broke off is found again under the name of its run', () => {
    const lease = { ...held, identity: `${run}+direct-ab12`, direct: true };
    expect(see({ ...after('stage'), lease, steps: committed(forward.slice(0, 3)) })).toMatchObject({
      at: 'underway',
      run,
      misfits: [],
    });
  });
});

describe('without Git', () => {
  test.each(forward)('what is live after %s tells what is due', (phase) => {
    const found = see({ ...after(phase), steps: null });
    expect(found).toMatchObject({ at: 'underway', run, phase, gitAnswers: false, misfits: [] });
    expect(found.due.map((step) => step.phase)).toEqual(
      forward.slice(0, forward.indexOf(phase) + 1).toReversed(),
    );
  });

  test('an ended handover is not told from one that has not ended: the way back is the same', () => {
    expect(see({ ...after('retire'), lease: null, steps: null })).toMatchObject({ at: 'underway', run });
  });
});

describe('what does not fit is said, and nothing is concluded from it', () => {
  const adopted = { ...after('adopt'), steps: committed(forward.slice(0, 4)) };
  const ended = { ...after('retire'), lease: null, steps: committed(forward) };
  const rolledBack = { ...after(null), lease: null, steps: committed(['orphan', 'undo-orphan']) };

  test.each<[string, Partial<Sighting>, string[]]>([
    [
      'a FluxInstance and an operator without any run',
      { instances: [instance], operators: ['flux-system/flux-operator'], controllers: controllers(true) },
      ['instance-without-run', 'operator-without-run', 'adopted-without-run'],
    ],
    ['an operator installed by hand', { operators: ['x/flux-operator'] }, ['operator-without-run']],
    [
      'a FluxInstance after a rollback',
      { ...rolledBack, instances: [{ ...instance, enabled: false }] },
      ['instance-without-run'],
    ],
    [
      'marks of the operator after a rollback',
      { ...rolledBack, controllers: controllers(true) },
      ['adopted-without-run'],
    ],
    [
      'a FluxInstance enabled before the cutover',
      { ...after('stage'), instances: [instance], steps: committed(forward.slice(0, 3)) },
      ['instance-enabled'],
    ],
    ['a FluxInstance deleted by hand', { ...adopted, instances: [] }, ['instance-gone']],
    [
      'a FluxInstance being deleted',
      { ...adopted, instances: [{ ...instance, deleting: true }] },
      ['instance-deleting'],
    ],
    ['an operator that is gone', { ...adopted, operators: [] }, ['operator-gone']],
    [
      'a legacy owner that was resumed by hand',
      { ...adopted, owner: { ...owner, lacksOrphaned: 'suspend: true' } },
      ['owner-enabled'],
    ],
    [
      'a legacy owner that was applied again after retire',
      { ...ended, owner: { ...owner, lacksOrphaned: 'suspend: true, prune: false' } },
      ['owner-back'],
    ],
    ['a legacy owner that was deleted', { ...adopted, owner: { ...owner, there: false } }, ['owner-gone']],
    [
      'a legacy owner that is being deleted',
      { ...adopted, owner: { ...owner, deleting: true } },
      ['owner-deleting'],
    ],
    [
      'controllers taken back from the operator by hand',
      { ...ended, controllers: controllers(false) },
      ['not-adopted'],
    ],
    ['no controllers', { ...adopted, controllers: [] }, ['controllers-gone']],
    [
      'the Lease of another run',
      { ...adopted, lease: { ...held, identity: 'home-2', run: 'home-2' } },
      ['lease-of-another-run'],
    ],
    [
      'two runs in force',
      { ...adopted, steps: [...committed(['orphan'], 'home-0'), ...committed(forward.slice(0, 4))] },
      ['two-runs'],
    ],
    ['no baseline', { ...adopted, records: [] }, ['baseline-missing']],
    ['a cluster that was raised anew', { ...ended, clusterUid: 'another' }, ['other-cluster']],
  ])('%s', (_what, change, wanted) => {
    const found = see(change);
    expect(found.at).toBe('between');
    expect(ids(change)).toEqual(wanted);
    for (const { what, why, mend } of found.misfits)
      for (const sentence of [what, why, mend]) expect(sentence.length).toBeGreaterThan(20);
  });

  test('a root that also applied Flux is never orphaned, and must not be gone', () => {
    const live = {
      ...after('adopt'),
      records: [record({ shape: 'flux-bootstrap' })],
      steps: committed(['operator', 'stage', 'adopt']),
    };
    expect(ids({ ...live, owner: { ...owner, lacksOrphaned: 'suspend: true' } })).toEqual([]);
    expect(ids({ ...live, owner: { ...owner, there: false } })).toEqual(['owner-gone']);
  });
});

test('what people built on the operator is told before a rollback', () => {
  const change = {
    ...after('adopt'),
    steps: committed(forward.slice(0, 4)),
    builtOnOperator: ['ResourceSet apps/x'],
  };
  expect(see(change).notes.map(({ id }) => id)).toEqual(['built-on-operator']);
  expect(see(change).at).toBe('underway');
});
