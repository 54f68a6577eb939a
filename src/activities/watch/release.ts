/** Lifts the first aid: gives back what each mark says was there before, and our ownership of it. Safe to repeat. */
import type { JsonPatch } from '../../cluster/cluster.ts';
import { requestReconcile } from '../../cluster/flux.ts';
import { runsOperator } from '../../cluster/controller-set.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { failure, refusal } from '../failure.ts';
import { flux, type Session } from '../session.ts';
import { breaches } from './breaches.ts';
import { aidManager, aidMark, type Before, beforeOf, shieldMark } from './aid-mark.ts';

/**
 * Of all but a second set of controllers, which stays as it is.
 * @param operator whether Flux Operator may go on, and what waits for it: on the way back not before its instance was disabled and read
 * @returns what was lifted, one line each
 */
export async function releaseAids(session: Session, { operator }: { operator: boolean }): Promise<string[]> {
  const aided = await aidedObjects(session, [flux.kustomization('', ''), flux.helmRelease('', '')]);
  if (aided.length > 0) await assertNothingLeaves(session);
  const lifted = await Promise.all([
    releaseAll(session, operator ? aided : aided.filter((object) => !beforeOf(object)?.afterOperator)),
    ...(operator ? [releaseOperator(session)] : []),
  ]);
  return lifted.flat();
}

type Type = Pick<ObjectReference, 'apiVersion' | 'kind'>;
const deploymentType: Type = { apiVersion: 'apps/v1', kind: 'Deployment' };

/** All that bears the mark of first aid. */
export function aidsInForce(session: Session): Promise<LiveObject[]> {
  return aidedObjects(session, [
    flux.kustomization('', ''),
    flux.helmRelease('', ''),
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
    deploymentType,
  ]);
}

/** Resumed beneath a definition or a namespace that is going, each would prune what it applied. @throws Refused */
async function assertNothingLeaves({ cluster, namespace }: Session): Promise<void> {
  const [definitions, home] = await Promise.all([
    cluster.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { metadataOnly: true }),
    cluster.find({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name: namespace }),
  ]);
  const leaving = [
    ...definitions.filter(({ metadata }) => metadata.name.endsWith('.fluxcd.io')),
    home,
  ].filter((object) => object?.metadata.deletionTimestamp !== undefined);
  if (leaving.length === 0) return;
  const { why, mend } = breaches['definition-deleted'];
  const names = leaving.map((object) => object?.metadata.name).join(', ');
  throw failure('Refused', [refusal('definition-deleted', `${names} is being deleted`, why, mend)]);
}

/** Its rights first: it would only fail without them. Of Deployments it alone: a second set of controllers is never started by us. */
export async function releaseOperator(session: Session): Promise<string[]> {
  const rights = await aidedObjects(session, [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
  ]);
  const deployments = await aidedObjects(session, [deploymentType]);
  return [
    ...(await releaseAll(session, rights)),
    ...(await releaseAll(session, deployments.filter(runsOperator))),
  ];
}

/** The Deployments of a second set of controllers that were scaled to nothing, and are there still. */
export async function stoppedSets(session: Session): Promise<LiveObject[]> {
  return (await aidedObjects(session, [deploymentType])).filter((object) => !runsOperator(object));
}

async function aidedObjects({ cluster }: Session, types: Type[]): Promise<LiveObject[]> {
  const lists = await Promise.all(
    types.map(({ apiVersion, kind }) =>
      cluster.list(apiVersion, kind).catch((error: unknown) => {
        if (isClusterError(error, 'not-found')) return [];
        throw error;
      }),
    ),
  );
  return lists.flat().filter((object) => beforeOf(object) !== null && !object.metadata.deletionTimestamp);
}

function releaseAll(session: Session, aided: LiveObject[]): Promise<string[]> {
  return Promise.all(
    aided.map(async (object) => {
      await releaseOne(session, object);
      await askParent(session, object);
      return `lifted the first aid of ${nameOf(referenceOf(object))}`;
    }),
  );
}

async function releaseOne({ cluster }: Session, first: LiveObject): Promise<void> {
  const reference = referenceOf(first);
  for (let attempt = 1; ; attempt += 1) {
    const live = attempt === 1 ? first : await cluster.find(reference);
    const before = live && beforeOf(live);
    if (!live || !before) return;
    try {
      await cluster.patch(reference, releasePatch(live, before));
      return;
    } catch (error) {
      const raced =
        isClusterError(error, 'conflict') || (isClusterError(error, 'invalid') && /test/.test(error.message));
      if (!raced || attempt >= 10) throw error;
    }
  }
}

/** One conditional patch: what was there before, no marks, and no field left in the name of the first aid. */
function releasePatch(live: LiveObject, before: Before): JsonPatch {
  const managedFields = (live.metadata.managedFields ?? []).filter(({ manager }) => manager !== aidManager);
  const pointer = (key: string) => `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    { op: 'remove', path: pointer(aidMark) },
    ...(before.shield && live.metadata.annotations?.[shieldMark] !== undefined
      ? [{ op: 'remove' as const, path: pointer(shieldMark) }]
      : []),
    ...(typeof before.suspend === 'boolean'
      ? [{ op: 'replace' as const, path: '/spec/suspend', value: before.suspend }]
      : []),
    ...(before.replicas === undefined
      ? []
      : [{ op: 'replace' as const, path: '/spec/replicas', value: before.replicas }]),
    ...(before.subjects === undefined
      ? []
      : [{ op: 'add' as const, path: '/subjects', value: before.subjects }]),
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
  ];
}

/** The Kustomization that applied it writes down at once what Git says of it. */
async function askParent({ cluster }: Session, { metadata }: LiveObject): Promise<void> {
  const name = metadata.labels?.[marks.kustomizationName];
  const namespace = metadata.labels?.[marks.kustomizationNamespace];
  if (name && namespace)
    await requestReconcile(cluster, flux.kustomization(namespace, name), new Date().toISOString());
}
