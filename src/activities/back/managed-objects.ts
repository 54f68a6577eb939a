/** What a disabled FluxInstance manages: its inventory, and where that may not be whole, everything that bears its label. */
import { inventoryOf } from '../../cluster/inventory.ts';
import { conditionOf, keyOf, type LiveObject, referenceOf } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { Session } from '../session.ts';
import { instanceAtRest } from './at-rest.ts';

/** Kinds of what Flux is made of. */
const kinds: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['v1', 'Namespace'],
  ['v1', 'ResourceQuota'],
  ['v1', 'ServiceAccount'],
  ['v1', 'Service'],
  ['v1', 'PersistentVolumeClaim'],
  ['apps/v1', 'Deployment'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
];
/** What a `sync` generates. */
const generated: ReadonlySet<string> = new Set(['GitRepository', 'OCIRepository', 'Bucket', 'Kustomization']);

/**
 * Waits until a reconciliation that was under way has ended. The instance is disabled: no other one begins.
 * @param instance null where it is gone
 */
export async function managedObjects(
  session: Session,
  instance: LiveObject | null,
  reference: ObjectReference,
): Promise<ObjectReference[]> {
  const rested = instance && (await instanceAtRest(session, instance));
  const listed = rested ? inventoryOf(rested) : [];
  // One that failed or was cut off may have applied more than it has written down.
  if (rested && conditionOf(rested, 'Ready')?.status === 'True') return listed;
  const all = [...listed, ...(await labelled(session, reference))];
  return [...new Map(all.map((object) => [keyOf(object), object])).values()];
}

async function labelled(
  { cluster }: Session,
  { namespace, name }: ObjectReference,
): Promise<ObjectReference[]> {
  const labelSelector = `${marks.instanceName}=${name},${marks.instanceNamespace}=${namespace}`;
  const served = await cluster.discovery.resourcesOfGroups('.toolkit.fluxcd.io');
  const ofFlux = served
    .filter(({ kind }) => generated.has(kind))
    .map(({ apiVersion, kind }) => [apiVersion, kind] as const);
  const lists = await Promise.all(
    [...kinds, ...ofFlux].map(([apiVersion, kind]) =>
      cluster.list(apiVersion, kind, { labelSelector, metadataOnly: true }),
    ),
  );
  return lists.flat().map((object) => referenceOf(object));
}
