import { describe, expect, test } from 'vitest';
import type { Stand } from '../../cluster/lease.ts';
import type { LiveObject } from '../../cluster/objects.ts';
import type { PhaseName } from '../../plan/phases.ts';
import { breaches } from './breaches.ts';
import type { Aid } from './fault.ts';
import {
  controller,
  instance,
  objectsAfter,
  objectsUndone,
  type Shape,
  shapes,
  sightOf,
} from './fixtures.ts';
import { judgeSight } from './judge-sight.ts';
import { newTally } from './tally.ts';

const acting = (shape: Shape): PhaseName[] =>
  shape === 'self-managed'
    ? ['orphan', 'operator', 'stage', 'adopt', 'retire']
    : ['operator', 'stage', 'adopt', 'retire'];
const before = (shape: Shape, phase: PhaseName): PhaseName =>
  phase === 'retire' ? 'soak' : (acting(shape)[acting(shape).indexOf(phase) - 1] ?? 'secrets');

type Edit = (objects: LiveObject[]) => LiveObject[];
const at = (phase: PhaseName, way: Stand['way'] = 'forward', isActing = false) => ({
  phase,
  way,
  acting: isActing,
});
function found(shape: Shape, stand: Pick<Stand, 'phase' | 'way' | 'acting'>, objects: LiveObject[]) {
  return judgeSight(sightOf(shape, stand, structuredClone(objects)), newTally());
}

const edit =
  (kind: string, name: string, change: (object: LiveObject) => void): Edit =>
  (objects) => {
    const copies = structuredClone(objects);
    const object = copies.find((each) => each.kind === kind && each.metadata.name === name);
    if (!object) throw new Error(`there is no ${kind} ${name}`);
    change(object);
    return copies;
  };
const without =
  (kind: string, name: string): Edit =>
  (objects) =>
    objects.filter((each) => !(each.kind === kind && each.metadata.name === name));
const deleting = (object: LiveObject) => void (object.metadata.deletionTimestamp = '2026-11-22T20:10:00Z');
const disabled = { 'fluxcd.controlplane.io/reconcile': 'disabled' };
const spec = (change: object) => (object: LiveObject) =>
  void (object.spec = { ...(object.spec as object), ...change });

/** Fields that a restart owns, whatever tool asks for it. */
const restart = {
  'f:spec': {
    'f:template': {
      'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } },
    },
  },
};
function writtenBy(manager: string, fieldsV1: Record<string, unknown>): LiveObject[] {
  return edit('Deployment', 'source-controller', (object) =>
    object.metadata.managedFields?.push({ manager, operation: 'Update', fieldsType: 'FieldsV1', fieldsV1 }),
  )(objectsAfter('self-managed', 'adopt'));
}

describe.each(shapes)('on the normal course of %s nothing is a breach', (shape) => {
  test.each(acting(shape))('before, during and after %s', (phase) => {
    const [was, is] = [objectsAfter(shape, before(shape, phase)), objectsAfter(shape, phase)];
    expect(found(shape, at(phase, 'forward', true), was)).toEqual([]);
    expect(found(shape, at(phase, 'forward', true), is)).toEqual([]);
    expect(found(shape, at(phase), is)).toEqual([]);
  });
  test.each(acting(shape).toReversed())('before, during and after the undoing of %s', (phase) => {
    const [was, is] = [objectsAfter(shape, phase), objectsUndone(shape, phase)];
    expect(found(shape, at(phase, 'back', true), was)).toEqual([]);
    expect(found(shape, at(phase, 'back', true), is)).toEqual([]);
    expect(found(shape, at(phase, 'back'), is)).toEqual([]);
  });
  test('while the disabled instance is removed on the way back', () => {
    const leaving = edit('FluxInstance', 'flux', deleting)(objectsUndone(shape, 'adopt'));
    expect(found(shape, at('stage', 'back', true), leaving)).toEqual([]);
  });
});

interface Breach {
  what: string;
  shape?: Shape;
  stand: Pick<Stand, 'phase' | 'way' | 'acting'>;
  /** What somebody did. */
  done: Edit;
  /** Default: as the stand's phase leaves the cluster. */
  from?: LiveObject[];
  id: keyof typeof breaches;
  /** `aid name`, in any order; none: it is only reported. */
  aids: string[];
  /** How long it is borne, in milliseconds. */
  patience?: number;
}

const told = (aid: Aid) => `${aid.do} ${aid.object.name}`;

const table: Breach[] = [
  {
    what: 'an enabled FluxInstance is deleted by hand',
    stand: at('adopt'),
    done: edit('FluxInstance', 'flux', deleting),
    id: 'instance-deleted',
    aids: ['disable-instance flux', 'stop-operator flux-operator', 'suspend flux-instance'],
  },
  {
    what: 'the same while the retirement is under way',
    stand: at('retire', 'forward', true),
    done: edit('FluxInstance', 'flux', deleting),
    id: 'instance-deleted',
    aids: ['disable-instance flux', 'stop-operator flux-operator', 'suspend flux-instance'],
  },
  {
    what: 'the annotation came too late: a controller is gone already',
    stand: at('adopt'),
    done: (objects) =>
      without(
        'Deployment',
        'source-controller',
      )(
        edit('FluxInstance', 'flux', (object) => {
          deleting(object);
          object.metadata.annotations = disabled;
        })(objects),
      ),
    id: 'instance-deleted',
    aids: ['disable-instance flux', 'stop-operator flux-operator', 'suspend flux-instance'],
  },
  {
    what: 'a disabled FluxInstance is deleted before the cutover',
    stand: at('stage'),
    done: edit('FluxInstance', 'flux', deleting),
    id: 'instance-deleted',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'the FluxInstance is gone in the soak',
    stand: at('adopt'),
    done: without('FluxInstance', 'flux'),
    id: 'instance-deleted',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'somebody makes a FluxInstance before its time',
    stand: at('operator'),
    done: (objects) => [...objects, instance(false)],
    id: 'instance-unexpected',
    aids: ['disable-instance flux'],
  },
  {
    what: 'the staged instance is enabled by hand',
    stand: at('stage'),
    done: edit('FluxInstance', 'flux', (object) => void (object.metadata.annotations = {})),
    id: 'instance-enabled',
    aids: ['disable-instance flux'],
  },
  {
    what: 'the instance is enabled again after the handing back',
    stand: at('adopt', 'back'),
    from: objectsUndone('self-managed', 'adopt'),
    done: edit('FluxInstance', 'flux', (object) => void (object.metadata.annotations = {})),
    id: 'instance-enabled',
    aids: ['disable-instance flux'],
  },
  {
    what: 'the instance is disabled in the soak',
    stand: at('adopt'),
    done: edit('FluxInstance', 'flux', (object) => void (object.metadata.annotations = disabled)),
    id: 'instance-disabled',
    aids: [],
    patience: 10_000,
  },
  {
    what: 'a sync is added to the instance',
    stand: at('adopt'),
    done: edit(
      'FluxInstance',
      'flux',
      spec({ sync: { kind: 'GitRepository', url: 'https://x', name: 'cluster' } }),
    ),
    id: 'instance-sync-changed',
    aids: ['disable-instance flux', 'suspend cluster'],
  },
  {
    what: 'the legacy owner is resumed',
    stand: at('adopt'),
    done: edit('Kustomization', 'flux', spec({ suspend: false })),
    id: 'owner-resumed',
    aids: ['suspend flux'],
  },
  {
    what: 'pruning of the legacy owner is switched on again',
    stand: at('operator', 'forward', true),
    done: edit('Kustomization', 'flux', spec({ prune: true })),
    id: 'owner-resumed',
    aids: ['suspend flux'],
  },
  {
    what: 'Orphan is taken from the legacy owner',
    stand: at('stage'),
    done: edit('Kustomization', 'flux', spec({ deletionPolicy: 'MirrorPrune' })),
    id: 'owner-resumed',
    aids: ['suspend flux'],
  },
  {
    what: 'the legacy owner is deleted before its time',
    stand: at('adopt'),
    done: edit('Kustomization', 'flux', deleting),
    id: 'owner-deleted',
    aids: ['suspend flux'],
  },
  {
    what: 'the retired owner is back',
    stand: at('retire'),
    from: objectsAfter('self-managed', 'retire'),
    done: (objects) => [
      ...objects,
      ...objectsAfter('self-managed', 'preflight').filter(({ metadata }) => metadata.name === 'flux'),
    ],
    id: 'owner-returned',
    aids: ['suspend flux'],
  },
  {
    what: 'the owner prunes before everything was handed back',
    stand: at('adopt', 'back', true),
    done: edit('Kustomization', 'flux', spec({ suspend: false, prune: true })),
    id: 'owner-resumed',
    aids: ['suspend flux'],
  },
  {
    what: 'the root of flux bootstrap is deleted',
    shape: 'flux-bootstrap',
    stand: at('adopt'),
    done: edit('Kustomization', 'flux-system', deleting),
    id: 'owner-deleted',
    aids: ['suspend flux-system', 'suspend cluster-apps', 'suspend echo'],
  },
  {
    what: 'the root of flux bootstrap is suspended',
    shape: 'flux-bootstrap',
    stand: at('adopt'),
    done: edit('Kustomization', 'flux-system', spec({ suspend: true })),
    id: 'owner-changed',
    aids: [],
    patience: 10_000,
  },
  {
    what: 'the parent of the apps is deleted',
    stand: at('stage'),
    done: edit('Kustomization', 'cluster-apps', deleting),
    id: 'kustomization-deleted',
    aids: ['suspend cluster-apps', 'suspend echo'],
  },
  {
    what: 'a definition of Flux is deleted',
    shape: 'bootstrap-only',
    stand: at('operator'),
    done: edit('CustomResourceDefinition', 'kustomizations.kustomize.toolkit.fluxcd.io', deleting),
    id: 'definition-deleted',
    aids: [
      'suspend cluster',
      'suspend cluster-apps',
      'suspend echo',
      'suspend broken',
      'suspend flux-operator',
    ],
  },
  {
    what: 'the namespace of Flux is deleted',
    shape: 'bootstrap-only',
    stand: at('preflight'),
    done: edit('Namespace', 'flux-system', deleting),
    id: 'namespace-deleted',
    aids: ['suspend cluster', 'suspend cluster-apps', 'suspend echo', 'suspend broken'],
  },
  {
    what: 'a second set of controllers runs',
    stand: at('adopt'),
    done: (objects) => {
      const second = controller('source-controller', 'kubectl');
      second.metadata = { ...second.metadata, namespace: 'flux2', uid: 'uid-of-the-second' };
      return [...objects, second];
    },
    id: 'second-controllers',
    aids: ['scale-down source-controller'],
  },
  {
    what: 'the bootstrap is applied by hand after the adoption',
    stand: at('adopt'),
    done: edit('Deployment', 'source-controller', (object) =>
      object.metadata.managedFields?.push({ manager: 'kubectl-client-side-apply', operation: 'Update' }),
    ),
    id: 'controllers-changed',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'the same where it had been applied by hand all the time',
    shape: 'bootstrap-only',
    stand: at('adopt'),
    done: edit('Deployment', 'source-controller', (object) =>
      object.metadata.managedFields?.push({ manager: 'kubectl-client-side-apply', operation: 'Update' }),
    ),
    id: 'controllers-changed',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'an argument of a controller is gone',
    stand: at('stage'),
    done: edit('Deployment', 'kustomize-controller', (object) =>
      spec({
        template: {
          spec: {
            containers: [{ name: 'manager', image: 'ghcr.io/fluxcd/kustomize-controller:v1.9.3', args: [] }],
          },
        },
      })(object),
    ),
    id: 'controllers-changed',
    aids: [],
    patience: 10_000,
  },
  {
    what: 'an app is gone, and not through Git',
    stand: at('adopt'),
    done: without('Kustomization', 'echo'),
    id: 'object-gone',
    aids: [],
    patience: 15_000,
  },
  {
    what: 'a controller is gone while a step acts',
    stand: at('adopt', 'forward', true),
    done: without('Deployment', 'kustomize-controller'),
    id: 'object-gone',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'the source was made anew',
    stand: at('adopt'),
    done: edit('GitRepository', 'home-ops', (object) => void (object.metadata.uid = 'another')),
    id: 'object-remade',
    aids: [],
    patience: 3_000,
  },
  {
    what: 'the operator has no pod',
    stand: at('adopt'),
    done: edit(
      'Deployment',
      'flux-operator',
      (object) => void (object.status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1 }),
    ),
    id: 'operator-unwell',
    aids: [],
    patience: 120_000,
  },
  {
    what: 'an app that was Ready is not',
    stand: at('adopt'),
    done: edit(
      'Kustomization',
      'echo',
      (object) =>
        void (object.status = {
          observedGeneration: 1,
          conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file' }],
        }),
    ),
    id: 'unready',
    aids: [],
    patience: 120_000,
  },
  {
    what: 'an app does not follow its source',
    stand: at('adopt'),
    done: edit(
      'Kustomization',
      'echo',
      (object) => void (object.status = { ...(object.status as object), lastAppliedRevision: 'edge@sha1:b' }),
    ),
    id: 'behind',
    aids: [],
    patience: 600_000,
  },
];

test.each(table.map((breach) => [breach.what, breach] as const))('%s', (_, breach) => {
  const { shape = 'self-managed', stand, done, from, id, aids, patience = 0 } = breach;
  const faults = found(shape, stand, done(from ?? objectsAfter(shape, stand.phase)));
  const fault = faults.find((each) => each.id === id);
  expect(fault, `found: ${faults.map((each) => each.id).join(', ') || 'nothing'}`).toBeDefined();
  expect(fault?.aids.map(told).sort()).toEqual([...aids].sort());
  expect(fault?.patience).toBe(patience);
  // Nobody may be stopped for what another judgement sees in the same thing.
  const others = faults.filter((each) => each !== fault).flatMap((each) => each.aids.map(told));
  expect(others.filter((aid) => !aids.includes(aid))).toEqual([]);
});

/** `cluster-apps` applies `group`, that applies `subgroup`, and that `leaf`; @param change what happens to the two groups */
function grouped(shape: Shape, change: (object: LiveObject) => void): LiveObject[] {
  const objects = structuredClone(objectsAfter(shape, 'adopt'));
  const parent = objects.find(({ metadata }) => metadata.name === 'cluster-apps');
  if (!parent) throw new Error('there is no parent of the apps');
  const entries = (names: string[]) =>
    names.map((name) => ({ id: `flux-system_${name}_kustomize.toolkit.fluxcd.io_Kustomization`, v: 'v1' }));
  const child = (name: string, owner: string, children: string[]): LiveObject => ({
    ...structuredClone(parent),
    metadata: {
      ...parent.metadata,
      name,
      uid: `uid-of-${name}`,
      labels: {
        'kustomize.toolkit.fluxcd.io/name': owner,
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    },
    status: { ...(parent.status as object), inventory: { entries: entries(children) } },
  });
  parent.status = { ...(parent.status as object), inventory: { entries: entries(['echo', 'group']) } };
  const groups = [child('group', 'cluster-apps', ['subgroup']), child('subgroup', 'group', ['leaf'])];
  for (const group of groups) change(group);
  return [...objects, ...groups, child('leaf', 'subgroup', [])];
}

/** With both groups in the baseline. */
function goingIn(objects: LiveObject[]) {
  const sight = sightOf('self-managed', at('adopt'), objects);
  const { baseline } = sight;
  const key = (name: string) => `Kustomization.kustomize.toolkit.fluxcd.io/flux-system/${name}`;
  const like = baseline.objects[key('echo')];
  if (!like) throw new Error('there is no echo');
  for (const [name, applier, child] of [
    ['group', 'cluster-apps', 'subgroup'],
    ['subgroup', 'group', 'leaf'],
  ] as const) {
    const reference = { ...like.reference, name };
    baseline.objects[key(name)] = { ...like, reference, owner: `flux-system/${applier}` };
    baseline.inventories[`Kustomization flux-system/${name}`] = [key(child)];
  }
  return judgeSight(sight, newTally()).filter(({ id }) => id === 'kustomization-deleted');
}

describe('a group of apps that is being deleted', () => {
  const collecting = (status: object) =>
    edit('Kustomization', 'cluster-apps', (object) => {
      object.status = { ...(object.status as object), lastAttemptedRevision: 'edge@sha1:b', ...status };
    });

  test('by hand is stopped at once, with what lies beneath', () => {
    const [group, subgroup] = goingIn(grouped('self-managed', deleting));
    expect(group).toMatchObject({ subject: 'Kustomization flux-system/group', patience: 0 });
    expect(group?.aids.map(told)).toEqual(['suspend group', 'suspend subgroup', 'suspend leaf']);
    expect(subgroup?.aids.map(told)).toEqual(['suspend subgroup', 'suspend leaf']);
  });

  test('while its applier carries out another revision is left to it for a while, and then told', () => {
    const objects = collecting({ conditions: [{ type: 'Ready', status: 'Unknown' }] })(
      grouped('self-managed', deleting),
    );
    expect(goingIn(objects)).toMatchObject([
      { subject: 'Kustomization flux-system/group', patience: 15_000, aids: [] },
      { subject: 'Kustomization flux-system/subgroup', patience: 15_000, aids: [] },
    ]);
  });

  test('is stopped where its applier has collected already, or fails, and lists it still', () => {
    for (const conditions of [
      [
        { type: 'Ready', status: 'Unknown' },
        { type: 'Healthy', status: 'Unknown' },
      ],
      [{ type: 'Ready', status: 'False' }],
    ])
      expect(goingIn(collecting({ conditions })(grouped('self-managed', deleting)))[0]?.aids).toHaveLength(3);
  });
});

describe('what is no breach', () => {
  test('a group of apps that leaves through Git, and the group beneath it when the first is gone already', () => {
    const left = edit('Kustomization', 'cluster-apps', (object) => {
      object.status = { ...(object.status as object), inventory: { entries: [] } };
    })(grouped('self-managed', deleting));
    expect(goingIn(left)).toEqual([]);
    expect(goingIn(without('Kustomization', 'group')(left))).toEqual([]);
  });
  test('an app that was not well when the run began', () => {
    const worse = edit(
      'Kustomization',
      'broken',
      (object) => void (object.status = { conditions: [{ type: 'Ready', status: 'False' }] }),
    );
    expect(found('self-managed', at('adopt'), worse(objectsAfter('self-managed', 'adopt')))).toEqual([]);
  });
  test('an app that leaves through Git', () => {
    const gone = edit(
      'Kustomization',
      'cluster-apps',
      (object) =>
        void (object.status = {
          ...(object.status as object),
          lastAppliedRevision: `edge@sha1:${'b'.repeat(40)}`,
          inventory: { entries: [] },
        }),
    );
    const objects = without('Kustomization', 'echo')(gone(objectsAfter('self-managed', 'adopt')));
    expect(found('self-managed', at('adopt'), objects).filter(({ id }) => id !== 'behind')).toEqual([]);
  });
  test('a bootstrap that is applied by hand before the adoption, and changes no setting', () => {
    const applied = edit('Deployment', 'source-controller', (object) =>
      object.metadata.managedFields?.push({ manager: 'kubectl', operation: 'Apply' }),
    );
    expect(found('self-managed', at('stage'), applied(objectsAfter('self-managed', 'stage')))).toEqual([]);
  });
  test.each(['kubectl-rollout', 'k9s', 'node-fetch', 'Reloader'])(
    'a controller that %s restarts',
    (manager) => {
      expect(found('self-managed', at('adopt'), writtenBy(manager, restart))).toEqual([]);
    },
  );
  test('a controller to which somebody gives a label', () => {
    const labelled = { 'f:metadata': { 'f:labels': { '.': {}, 'f:team': {} } } };
    expect(found('self-managed', at('adopt'), writtenBy('k9s', labelled))).toEqual([]);
  });
});

test('whoever restarts a controller and changes it, too, is told', () => {
  const paused = { 'f:spec': { ...restart['f:spec'], 'f:paused': {} } };
  expect(found('self-managed', at('adopt'), writtenBy('k9s', paused))).toMatchObject([
    { id: 'controllers-changed', detail: 'was written by k9s:Update' },
  ]);
});
