/** Typed reads and writes of single objects on one cluster; every write carries our own field manager. */
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts';
import { collectionPath, discover, type Discovery, objectPath } from './discovery.ts';
import { isClusterError } from './errors.ts';
import { type LiveObject, referenceOf } from './objects.ts';
import type { ObjectReference } from '../plan/types.ts';

/** Field manager of all our live writes. */
export const fieldManager = 'flux-handover';

export type JsonPatch = { op: 'test' | 'add' | 'replace' | 'remove'; path: string; value?: unknown }[];

export interface ListOptions {
  namespace?: string | undefined;
  labelSelector?: string;
  /** Names, UIDs, labels and the like only: no spec, and no data of Secrets ever crosses the wire. */
  metadataOnly?: boolean;
}

export interface Cluster {
  readonly connection: Connection;
  readonly discovery: Discovery;
  /** @throws ClusterError */
  read(reference: ObjectReference): Promise<LiveObject>;
  /** Null where the object or its kind is not there. */
  find(reference: ObjectReference): Promise<LiveObject | null>;
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<LiveObject[]>;
  create(object: Partial<LiveObject> & Pick<LiveObject, 'apiVersion' | 'kind'>): Promise<LiveObject>;
  /** JSON merge patch; put `metadata.resourceVersion` in it to make it conditional. @param manager default: our own */
  merge(reference: ObjectReference, patch: Record<string, unknown>, manager?: string): Promise<LiveObject>;
  /** Server-side apply of annotations alone, forced: exactly these are ours afterwards, and those that were ours before go. */
  apply(object: ObjectReference & { annotations: Record<string, string> }): Promise<LiveObject>;
  /** Server-side apply of a whole object in the name of another manager, forced. */
  applyAs(object: LiveObject, manager: string): Promise<LiveObject>;
  /** What a server-side apply by this manager would make of the object; nothing is stored. */
  dryApply(object: LiveObject, manager: string): Promise<LiveObject>;
  /** What the object would be after an update to exactly this, defaults filled in; nothing is stored. */
  dryReplace(object: LiveObject): Promise<LiveObject>;
  patch(reference: ObjectReference, operations: JsonPatch): Promise<LiveObject>;
  /** False when it was gone already. Dependents are collected in the background. @param gracePeriodSeconds of a pod */
  remove(
    reference: ObjectReference,
    preconditions?: { uid?: string; resourceVersion?: string },
    gracePeriodSeconds?: number,
  ): Promise<boolean>;
}

export function openCluster(settings: ConnectionSettings): Cluster {
  const connection = openConnection(settings);
  const discovery = discover(connection);

  const pathOf = async (reference: ObjectReference) =>
    objectPath(await discovery.resource(reference.apiVersion, reference.kind), reference);

  async function find(reference: ObjectReference): Promise<LiveObject | null> {
    try {
      return await connection.send<LiveObject>(await pathOf(reference));
    } catch (error) {
      if (isClusterError(error, 'not-found')) return null;
      throw error;
    }
  }

  return {
    connection,
    discovery,
    find,
    read: async (reference) => connection.send<LiveObject>(await pathOf(reference)),
    async list(apiVersion, kind, { namespace, labelSelector, metadataOnly } = {}) {
      const resource = await discovery.resource(apiVersion, kind);
      const items: LiveObject[] = [];
      let next: string | undefined;
      do {
        const page = await connection.send<{ items: LiveObject[] | null; metadata: { continue?: string } }>(
          collectionPath(resource, namespace),
          {
            query: { labelSelector, limit: 500, continue: next },
            ...(metadataOnly
              ? { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
              : {}),
          },
        );
        // An empty list of metadata comes as null.
        items.push(...(page.items ?? []));
        next = page.metadata.continue || undefined;
      } while (next);
      // Items of a list come without their type.
      return items.map((item) => ({ ...item, apiVersion, kind }));
    },
    async create(object) {
      const resource = await discovery.resource(object.apiVersion, object.kind);
      return connection.send<LiveObject>(collectionPath(resource, object.metadata?.namespace), {
        method: 'POST',
        query: { fieldManager },
        body: object,
      });
    },
    merge: async (reference, patch, manager = fieldManager) =>
      connection.send<LiveObject>(await pathOf(reference), {
        method: 'PATCH',
        query: { fieldManager: manager },
        contentType: 'application/merge-patch+json',
        body: patch,
      }),
    apply: async ({ annotations, ...reference }) =>
      connection.send<LiveObject>(await pathOf(reference), {
        method: 'PATCH',
        query: { fieldManager, force: true },
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: reference.apiVersion,
          kind: reference.kind,
          metadata: {
            name: reference.name,
            ...(reference.namespace ? { namespace: reference.namespace } : {}),
            annotations,
          },
        },
      }),
    applyAs: async (object, manager) =>
      connection.send<LiveObject>(await pathOf(referenceOf(object)), {
        method: 'PATCH',
        query: { fieldManager: manager, force: true },
        contentType: 'application/apply-patch+yaml',
        body: object,
      }),
    dryApply: async (object, manager) =>
      connection.send<LiveObject>(await pathOf(referenceOf(object)), {
        method: 'PATCH',
        query: { fieldManager: manager, force: true, dryRun: 'All' },
        contentType: 'application/apply-patch+yaml',
        body: object,
      }),
    dryReplace: async (object) =>
      connection.send<LiveObject>(await pathOf(referenceOf(object)), {
        method: 'PUT',
        query: { fieldManager, dryRun: 'All' },
        body: object,
      }),
    patch: async (reference, operations) =>
      connection.send<LiveObject>(await pathOf(reference), {
        method: 'PATCH',
        query: { fieldManager },
        contentType: 'application/json-patch+json',
        body: operations,
      }),
    async remove(reference, preconditions, gracePeriodSeconds) {
      try {
        await connection.send(await pathOf(reference), {
          method: 'DELETE',
          body: {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            propagationPolicy: 'Background',
            ...(preconditions ? { preconditions } : {}),
            ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
          },
        });
        return true;
      } catch (error) {
        if (isClusterError(error, 'not-found')) return false;
        throw error;
      }
    },
  };
}
