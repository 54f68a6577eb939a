/** What a disabled FluxInstance manages: its inventory, and where that may not be whole, everything that bears its label. */
import { viewFlux } from '../../cluster/collections.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { conditionOf, keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { Session } from '../session.ts';

/**
 * Milliseconds without a change after which a reconciliation counts as ended though it still says that it goes on. Disabled in the
 * middle of one, Flux Operator stops waiting for health at once, says Ready=False, and never looks at the status again; killed in the
 * middle of one, it does not even say that (flux-operator internal/controller/fluxinstance_controller.go, Reconcile, and common.go,
 * returnHealthChecksCanceled).
 */
const stillness = { ended: 2_000, unsaid: 20_000 };

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
  const rested = instance && (await atRest(session, instance));
  const listed = rested ? inventoryOf(rested) : [];
  // One that failed or was cut off may have applied more than it has written down.
  if (rested && conditionOf(rested, 'Ready')?.status === 'True') return listed;
  const all = [...listed, ...(await labelled(session, reference))];
  return [...new Map(all.map((object) => [keyOf(object), object])).values()];
}

/** The instance as it is then; null when it went meanwhile. */
async function atRest(session: Session, instance: LiveObject): Promise<LiveObject | null> {
  if (hasEnded(instance, 0)) return instance;
  const reference = referenceOf(instance);
  const view = await viewFlux(session.cluster, session.namespace);
  let seen = { version: '', at: 0 };
  try {
    return await waitFor<LiveObject | null>(
      view,
      () => {
        const live = view.find(reference);
        if (!live) return { value: null };
        const version = live.metadata.resourceVersion ?? '';
        if (version !== seen.version) seen = { version, at: Date.now() };
        return hasEnded(live, Date.now() - seen.at)
          ? { value: live }
          : { waiting: `${nameOf(reference)} to end its reconciliation` };
      },
      { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
    );
  } finally {
    await view.close();
  }
}

/** Whether a disabled instance is not being reconciled any more. Pure. @param still milliseconds for which it has not changed */
export function hasEnded(instance: LiveObject, still: number): boolean {
  if (conditionOf(instance, 'Reconciling')?.status !== 'True') return true;
  const said = conditionOf(instance, 'Ready')?.status !== 'Unknown';
  return still >= (said ? stillness.ended : stillness.unsaid);
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
