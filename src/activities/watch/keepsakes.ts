/** What the controllers' objects were when they were last seen, in memory: an uninstall that is stopped has taken some already. */
import type { Cluster } from '../../cluster/cluster.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { keyOf, type LiveObject, nameOf, textField } from '../../cluster/objects.ts';
import { operatorManager } from '../../cluster/ownership.ts';
import { standsForMark } from '../../cluster/record.ts';
import { contentOf } from '../back/put-back.ts';
import { instanceOf } from '../planned.ts';
import type { Session } from '../session.ts';
import type { Sight } from './fault.ts';
import { aidManager } from './aid-mark.ts';

/** With these goes what no copy brings back. */
const notKept = new Set([
  'CustomResourceDefinition',
  'Namespace',
  'Kustomization',
  'GitRepository',
  'OCIRepository',
]);

export class Keepsakes {
  /** By key. */
  readonly objects = new Map<string, LiveObject>();
  readonly #cluster: Cluster;
  /** The state of the instance whose inventory was read. */
  #read = '';

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Takes the controllers from the sight; reads the rest of the inventory, beside, whenever the operator has applied it anew. */
  remember({ objects, baseline, plan }: Sight): void {
    for (const { namespace, name } of baseline.controllers) {
      const key = keyOf({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
      const live = objects.get(key);
      if (live && !live.metadata.deletionTimestamp) this.objects.set(key, live);
    }
    const instance = objects.get(keyOf(instanceOf(plan)));
    if (!instance || instance.metadata.deletionTimestamp) return;
    const state = `${instance.metadata.uid} ${textField(instance, 'status', 'lastAppliedRevision') ?? ''}`;
    if (state === this.#read || inventoryOf(instance).length === 0) return;
    this.#read = state;
    this.#readAll(instance).catch(() => (this.#read = ''));
  }

  async #readAll(instance: LiveObject): Promise<void> {
    await Promise.all(
      inventoryOf(instance)
        .filter(({ kind }) => !notKept.has(kind))
        .map(async (reference) => {
          const live = await this.#cluster.find(reference);
          if (live) this.objects.set(keyOf(reference), live);
        }),
    );
  }
}

/**
 * Puts back what an uninstall took before it was stopped, as it was last seen, in the name of its owner: the cluster is reconciled
 * again, and the way forward and back find what they expect. Each bears the UID of the object that it stands for.
 */
export async function putBackTaken(
  { cluster }: Session,
  seen: ReadonlyMap<string, LiveObject>,
): Promise<string[]> {
  const done = await Promise.all(
    [...seen.values()].map(async (before) => {
      const { apiVersion, kind, metadata } = before;
      const reference = { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
      if (await cluster.find(reference)) return null;
      const name = nameOf(reference);
      try {
        // Applied in the operator's name, too, the mark would go with the operator's next turn.
        const { [standsForMark]: stoodFor = metadata.uid, ...annotations } = metadata.annotations ?? {};
        await cluster.applyAs(
          contentOf({ ...before, metadata: { ...metadata, annotations } }),
          operatorManager,
        );
        await cluster.merge(
          reference,
          { metadata: { annotations: { [standsForMark]: stoodFor } } },
          aidManager,
        );
        return `put ${name} back as it was last seen`;
      } catch (error) {
        if (!isClusterError(error)) throw error;
        return `could not put ${name} back: ${error.message}`;
      }
    }),
  );
  return done.filter((line) => line !== null);
}
