/** A live copy of some collections of a cluster: listed once, then watched, and listed again whenever the watch breaks. */
import { createInterface } from 'node:readline';
import type { Cluster } from './cluster.ts';
import { collectionPath, type Resource } from './discovery.ts';
import { ClusterError, isClusterError } from './errors.ts';
import { keyOf, type LiveObject, referenceOf } from './objects.ts';
import type { ObjectReference } from '../plan/types.ts';

export interface Collection {
  resource: Resource;
  namespace?: string;
  labelSelector?: string;
  /** Names, UIDs, labels and the like only: for what is large and not read. */
  metadataOnly?: boolean;
}

function accepting(
  { metadataOnly }: Collection,
  type: 'PartialObjectMetadataList' | 'PartialObjectMetadata',
) {
  return metadataOnly ? { accept: `application/json;as=${type};g=meta.k8s.io;v=v1` } : {};
}

interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: LiveObject & { code?: number; message?: string };
}

/** A collection whose last list or watch failed. */
export interface Trouble {
  resource: Resource;
  error: ClusterError;
  /** Milliseconds since 1970. */
  since: number;
  /** It was listed before: its objects are there, as they were then. */
  known: boolean;
}

/** A watch that says nothing for this long is thought dead; bookmarks come about once a minute. Milliseconds. */
const silence = 90_000;
/** Lists again this often even when the watch seems well, so that a lost event costs a step a moment, not the phase. Milliseconds. */
const relistEvery = 30_000;

export class LiveView {
  readonly #cluster: Cluster;
  readonly #objects = new Map<string, LiveObject>();
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #troubles = new Map<Collection, Trouble>();
  readonly #listed = new Set<Collection>();

  readonly #relistEvery: number;

  /** @param settings `relistEvery` in milliseconds: longer for what is watched for days */
  constructor(cluster: Cluster, settings: { relistEvery?: number } = {}) {
    this.#cluster = cluster;
    this.#relistEvery = settings.relistEvery ?? relistEvery;
  }

  /** What a failed list or watch said that has not succeeded since, an API server that does not answer first; null while all is well. */
  get trouble(): ClusterError | null {
    const troubles = this.troubles.map(({ error }) => error);
    return troubles.find((trouble) => isClusterError(trouble, 'unreachable')) ?? troubles[0] ?? null;
  }

  /** One for each collection that can not be seen now. */
  get troubles(): Trouble[] {
    return [...this.#troubles.values()];
  }

  /**
   * Adds collections; resolves when each was listed once. False when one of them is not served: that one is not followed.
   * @param patiently a first list that fails is tried again, too, and is trouble until then
   * @throws ClusterError when the first list fails, without `patiently`
   */
  async add(collections: Collection[], { patiently = false } = {}): Promise<boolean> {
    const followed = await Promise.all(
      collections.map(async (collection) => {
        try {
          this.#running.push(this.#follow(collection, await this.#list(collection)));
          return true;
        } catch (thrown) {
          if (this.#ended) throw thrown;
          const error = await this.#understood(thrown);
          // Discovery names an API that was just removed for a moment longer.
          if (error.reason === 'not-found') return false;
          if (!patiently) throw error;
          this.#note(collection, error);
          this.#running.push(this.#follow(collection, null));
          return true;
        }
      }),
    );
    this.#changed();
    return followed.every(Boolean);
  }

  objects(kind?: string): LiveObject[] {
    const all = [...this.#objects.values()];
    return kind === undefined ? all : all.filter((object) => object.kind === kind);
  }

  /** All of them by key, as they are now: a live map, not a copy. */
  get all(): ReadonlyMap<string, LiveObject> {
    return this.#objects;
  }

  find(reference: ObjectReference): LiveObject | null {
    return this.#objects.get(keyOf(reference)) ?? null;
  }

  /** Calls back after every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  async #list(collection: Collection): Promise<string> {
    const { resource, namespace, labelSelector } = collection;
    const { items, metadata } = await this.#cluster.connection.send<{
      items: LiveObject[] | null;
      metadata: { resourceVersion: string };
    }>(collectionPath(resource, namespace), {
      query: { labelSelector },
      signal: this.#closing.signal,
      ...accepting(collection, 'PartialObjectMetadataList'),
    });
    const seen = new Set<string>();
    for (const item of items ?? []) {
      const object = { ...item, apiVersion: resource.apiVersion, kind: resource.kind };
      const key = keyOf(referenceOf(object));
      seen.add(key);
      this.#objects.set(key, object);
    }
    this.#keepOnly({ resource, ...(namespace ? { namespace } : {}) }, seen);
    this.#listed.add(collection);
    return metadata.resourceVersion;
  }

  /** Forgets what a list no longer holds. */
  #keepOnly({ resource, namespace }: Collection, seen: ReadonlySet<string>): void {
    for (const [key, object] of this.#objects) {
      const same = object.kind === resource.kind && object.apiVersion === resource.apiVersion;
      if (same && !seen.has(key) && (!namespace || object.metadata.namespace === namespace))
        this.#objects.delete(key);
    }
  }

  get #ended(): boolean {
    return this.#closing.signal.aborted || this.#cluster.connection.settings.signal?.aborted === true;
  }

  #note(collection: Collection, error: ClusterError): void {
    this.#troubles.set(collection, {
      resource: collection.resource,
      error,
      since: this.#troubles.get(collection)?.since ?? Date.now(),
      known: this.#listed.has(collection),
    });
  }

  /** What says that a kind is not served, and knows of the core API as little, is no API server: a proxy in its place. */
  async #understood(thrown: unknown): Promise<ClusterError> {
    if (!isClusterError(thrown)) return new ClusterError('unreachable', String(thrown));
    if (thrown.reason !== 'not-found') return thrown;
    const core = await this.#cluster.connection.send('/api/v1').catch(() => null);
    return core === null
      ? new ClusterError('unreachable', `${thrown.message}, and what answers is no API server`)
      : thrown;
  }

  async #follow(collection: Collection, version: string | null): Promise<void> {
    let from = version;
    let pause = 100;
    while (!this.#closing.signal.aborted) {
      try {
        if (from === null) {
          from = await this.#list(collection);
          this.#troubles.delete(collection);
          this.#changed();
        }
        await this.#watch(collection, from);
        this.#troubles.delete(collection);
        pause = 100;
      } catch (thrown) {
        if (this.#ended) return;
        const error = await this.#understood(thrown);
        if (error.reason === 'not-found') this.#keepOnly(collection, new Set());
        this.#note(collection, error);
        if (error.reason !== 'expired') await this.#rest(pause);
        pause = Math.min(pause * 2, 3_000);
      }
      from = null;
    }
  }

  async #watch(collection: Collection, from: string): Promise<void> {
    const { resource, namespace, labelSelector } = collection;
    const ending = new AbortController();
    const relist = setTimeout(() => ending.abort(), this.#relistEvery);
    const stream = await this.#cluster.connection
      .stream(collectionPath(resource, namespace), {
        query: {
          labelSelector,
          watch: true,
          resourceVersion: from,
          allowWatchBookmarks: true,
          // Of its own accord the server ends it later than we do.
          timeoutSeconds: Math.ceil(this.#relistEvery / 1_000) + 30,
        },
        signal: AbortSignal.any([ending.signal, this.#closing.signal]),
        ...accepting(collection, 'PartialObjectMetadata'),
      })
      .catch((error: unknown) => {
        clearTimeout(relist);
        throw error;
      });
    stream.setTimeout(silence, () => stream.destroy());
    const lines = createInterface({ input: stream });
    // It knows the end and the failure of its input: one that is destroyed has neither, and nobody would ever look again.
    stream.once('close', () => lines.close());
    try {
      for await (const line of lines) this.#take(resource, JSON.parse(line) as WatchEvent);
    } catch (error) {
      // Our own relist timer ends the stream by an abort; only that is expected here.
      if (!ending.signal.aborted) throw error;
    } finally {
      clearTimeout(relist);
      stream.destroy();
    }
  }

  #take(resource: Resource, { type, object }: WatchEvent): void {
    if (type === 'BOOKMARK') return;
    if (type === 'ERROR')
      throw new ClusterError(
        object.code === 410 ? 'expired' : 'unreachable',
        object.message ?? 'the watch broke',
        object.code,
      );
    const { apiVersion, kind } = resource;
    const key = keyOf({ ...referenceOf(object), apiVersion, kind });
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, { ...object, apiVersion, kind });
    this.#changed();
  }

  #rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#closing.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
