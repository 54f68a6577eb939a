/** A small cluster as the watch sees it, in each legacy shape and at each moment of a handover, for tests. */
import { type LiveObject, keyOf, referenceOf } from '../../cluster/objects.ts';
import { controllersIn } from '../../cluster/controller-set.ts';
import type { Stand } from '../../cluster/lease.ts';
import { recordOf } from '../../cluster/record.ts';
import type { PhaseName } from '../../plan/phases.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Baseline } from '../baseline.ts';
import type { Sight } from './fault.ts';

export const shapes = ['self-managed', 'bootstrap-only', 'flux-bootstrap'] as const;
export type Shape = (typeof shapes)[number];

const namespace = 'flux-system';
const takenAt = '2026-11-22T20:00:00.000Z';
const manage = (manager: string, operation = 'Apply') => ({ manager, operation, fieldsType: 'FieldsV1' });

/** An object with a Ready condition, at the generation that was looked at. */
function ready(
  apiVersion: string,
  kind: string,
  name: string,
  spec: object = {},
  status: object = {},
): LiveObject {
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid: `uid-of-${kind}-${name}`, resourceVersion: '7', generation: 1 },
    spec,
    status: {
      observedGeneration: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'ReconciliationSucceeded',
          lastTransitionTime: '2026-11-22T19:00:00Z',
        },
      ],
      ...status,
    },
  };
}

const kustomizeVersion = 'kustomize.toolkit.fluxcd.io/v1';
const revision = `edge@sha1:${'a'.repeat(40)}`;

function kustomization(name: string, spec: object = {}, children: string[] = [], at = revision): LiveObject {
  return ready(
    kustomizeVersion,
    'Kustomization',
    name,
    { sourceRef: { kind: 'GitRepository', name: 'home-ops' }, prune: true, ...spec },
    {
      lastAppliedRevision: at,
      inventory: {
        entries: children.map((child) => ({
          id: `${namespace}_${child}_kustomize.toolkit.fluxcd.io_Kustomization`,
          v: 'v1',
        })),
      },
    },
  );
}

export function controller(name: string, manager: string, change: object = {}): LiveObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace,
      uid: `uid-of-Deployment-${name}`,
      resourceVersion: '7',
      generation: 1,
      managedFields: [manage(manager, manager.startsWith('kubectl-client') ? 'Update' : 'Apply')],
    },
    spec: {
      replicas: 1,
      template: {
        spec: {
          containers: [{ name: 'manager', image: `ghcr.io/fluxcd/${name}:v1.9.3`, args: ['--concurrent=8'] }],
        },
      },
      ...change,
    },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  };
}

function definition(name: string): LiveObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, uid: `uid-of-${name}`, resourceVersion: '7' },
  };
}

const legacyManagers: Record<Shape, string> = {
  'self-managed': 'kustomize-controller',
  'bootstrap-only': 'kubectl-client-side-apply',
  'flux-bootstrap': 'kustomize-controller',
};
const owners: Record<Shape, string | null> = {
  'self-managed': 'flux',
  'bootstrap-only': null,
  'flux-bootstrap': 'flux-system',
};
const controllerNames = ['source-controller', 'kustomize-controller'];

export function planOf(shape: Shape): ClusterPlan {
  const owner = owners[shape];
  const phases = ['operator', 'stage', 'adopt', 'retire'];
  return {
    legacy: { shape, owner: owner && { kind: 'Kustomization', name: owner, namespace, prune: true } },
    roots: [{ name: shape === 'flux-bootstrap' ? 'flux-system' : 'cluster', namespace }],
    target: {
      namespace,
      instanceName: 'flux',
      operatorKustomization: 'flux-operator',
      instanceKustomization: 'flux-instance',
      parentKustomization: 'cluster-apps',
      sync: null,
    },
    changes: (shape === 'self-managed' ? ['orphan', ...phases] : phases).map((phase) => ({
      phase,
      files: [],
      collects:
        phase === 'retire' && shape === 'self-managed'
          ? [{ apiVersion: kustomizeVersion, kind: 'Kustomization', namespace, name: 'flux' }]
          : [],
    })),
  } as unknown as ClusterPlan;
}

/** The cluster as the legacy install leaves it. */
function legacyObjects(shape: Shape): LiveObject[] {
  const root = shape === 'flux-bootstrap' ? 'flux-system' : 'cluster';
  return [
    ...controllerNames.map((name) => controller(name, legacyManagers[shape])),
    definition('kustomizations.kustomize.toolkit.fluxcd.io'),
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, uid: 'uid-of-namespace', resourceVersion: '7' },
    },
    ready('source.toolkit.fluxcd.io/v1', 'GitRepository', 'home-ops', {}, { artifact: { revision } }),
    kustomization(root, {}, ['cluster-apps']),
    kustomization('cluster-apps', {}, ['echo']),
    kustomization('echo'),
    kustomization('broken', {}, []),
    ...(shape === 'self-managed' ? [kustomization('flux')] : []),
  ];
}

function baselineOf(shape: Shape): Baseline {
  const objects = legacyObjects(shape);
  const broken = objects.find(({ metadata }) => metadata.name === 'broken');
  if (broken) broken.status = { conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed' }] };
  const root = shape === 'flux-bootstrap' ? 'flux-system' : 'cluster';
  return {
    run: 'home-1',
    takenAt,
    clusterUid: 'c1',
    kubernetesVersion: 'v1.34.4',
    namespace,
    objects: Object.fromEntries(
      objects.map((object) => {
        const record = recordOf(object, new Map([['GitRepository/flux-system/home-ops', revision]]));
        const owner = object.metadata.name === 'echo' ? `${namespace}/cluster-apps` : record.owner;
        return [keyOf(referenceOf(object)), { ...record, owner }];
      }),
    ),
    controllers: controllersIn(objects.filter(({ kind }) => kind === 'Deployment')),
    replicaSets: {},
    leaders: {},
    secrets: {},
    configMaps: {},
    inventories: {
      [`Kustomization ${namespace}/${root}`]: [
        `Kustomization.kustomize.toolkit.fluxcd.io/${namespace}/cluster-apps`,
      ],
      [`Kustomization ${namespace}/cluster-apps`]: [
        `Kustomization.kustomize.toolkit.fluxcd.io/${namespace}/echo`,
      ],
    },
  };
}

export function instance(disabled: boolean): LiveObject {
  const made = ready('fluxcd.controlplane.io/v1', 'FluxInstance', 'flux', {
    distribution: { version: '2.9.2' },
  });
  if (disabled) made.metadata.annotations = { 'fluxcd.controlplane.io/reconcile': 'disabled' };
  return made;
}

function operator(): LiveObject {
  const made = controller('flux-operator', 'helm');
  made.spec = {
    replicas: 1,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'flux-operator' } },
    template: {
      spec: {
        serviceAccountName: 'flux-operator',
        containers: [{ name: 'manager', image: 'ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1' }],
      },
    },
  };
  return made;
}

const order: PhaseName[] = [
  'preflight',
  'secrets',
  'orphan',
  'operator',
  'stage',
  'adopt',
  'soak',
  'retire',
  'settle',
];
const orphaned = { suspend: true, prune: false, deletionPolicy: 'Orphan' };

/** The cluster once a phase is done on the way forward. */
export function objectsAfter(shape: Shape, phase: PhaseName): LiveObject[] {
  const reached = (milestone: PhaseName) => order.indexOf(phase) >= order.indexOf(milestone);
  let objects = legacyObjects(shape);
  const replace = (made: LiveObject) =>
    (objects = [...objects.filter((each) => keyOf(referenceOf(each)) !== keyOf(referenceOf(made))), made]);
  if (shape === 'self-managed' && reached('orphan')) replace(kustomization('flux', orphaned));
  if (reached('operator')) for (const made of [operator(), kustomization('flux-operator')]) replace(made);
  if (reached('stage'))
    for (const made of [instance(!reached('adopt')), kustomization('flux-instance')]) replace(made);
  if (reached('adopt')) for (const name of controllerNames) replace(controller(name, 'flux-operator'));
  if (reached('retire') && shape === 'self-managed')
    objects = objects.filter(({ metadata, kind }) => !(kind === 'Kustomization' && metadata.name === 'flux'));
  return objects;
}

/** The cluster once a phase was undone on the way back. */
export function objectsUndone(shape: Shape, phase: PhaseName): LiveObject[] {
  if (phase === 'retire')
    return objectsAfter(shape, 'adopt').map((object) =>
      object.kind === 'Kustomization' && object.metadata.name === 'flux' && shape === 'self-managed'
        ? {
            ...kustomization('flux', orphaned),
            metadata: { ...object.metadata, uid: 'uid-of-the-new-owner' },
          }
        : object,
    );
  const before = order[order.indexOf(phase) - 1] ?? 'preflight';
  return objectsAfter(shape, before).map((object) =>
    object.kind === 'Kustomization' &&
    object.metadata.name === 'flux' &&
    shape === 'self-managed' &&
    phase !== 'orphan'
      ? kustomization('flux', { ...orphaned, suspend: false })
      : object,
  );
}

export function sightOf(
  shape: Shape,
  stand: Pick<Stand, 'phase' | 'way' | 'acting'>,
  objects: LiveObject[],
): Sight {
  return {
    stand: { ...stand, since: '2026-11-22T20:00:00.000Z' },
    plan: planOf(shape),
    baseline: baselineOf(shape),
    objects: new Map(objects.map((object) => [keyOf(referenceOf(object)), object])),
    limits: { unready: 120_000, behind: 600_000, restarts: 3, failures: 5 },
    passedOver: new Set(),
  };
}
