/** Asks Flux to reconcile, in the order in which things depend on each other, and tells when all has settled. */
import type { Cluster } from './cluster.ts';
import { isClusterError } from './errors.ts';
import { commitOf, healthOf, revisionOf } from './health.ts';
import type { LiveView } from './live-view.ts';
import { field, keyOf, type LiveObject, listField, nameOf, referenceOf, textField } from './objects.ts';
import { marks } from './ownership.ts';
import { sourceKeyOf } from './record.ts';
import type { ObjectReference } from '../plan/types.ts';

const tokenPrefix = 'handover-';

/** What a request for a reconciliation is marked with: ours sort by time, so that a later one stands for an earlier one. */
export function requestToken(): string {
  return `${tokenPrefix}${new Date().toISOString()}`;
}

/** Whether its controller has handled this request, or a later one of ours that overwrote it meanwhile. */
export function handledSince(object: LiveObject, token: string): boolean {
  return isSince(textField(object, 'status', 'lastHandledReconcileAt') ?? '', token);
}

function isSince(mark: string, token: string): boolean {
  return mark.startsWith(tokenPrefix) && mark >= token;
}

/** Annotates the object so that its controller reconciles it now. False when it is gone. */
export async function requestReconcile(
  cluster: Cluster,
  reference: ObjectReference,
  token: string,
): Promise<boolean> {
  try {
    await cluster.merge(reference, { metadata: { annotations: { [marks.requestedAt]: token } } });
    return true;
  } catch (error) {
    if (isClusterError(error, 'not-found')) return false;
    throw error;
  }
}

const sourceKinds = new Set([
  'GitRepository',
  'OCIRepository',
  'HelmRepository',
  'HelmChart',
  'Bucket',
  'ExternalArtifact',
]);
const dependentKinds = new Set(['Kustomization', 'HelmRelease']);
/** Kinds that a `reconcile again` asks; the others follow from these. */
const askedKinds = new Set(['GitRepository', 'OCIRepository', 'HelmRepository', 'Bucket', ...dependentKinds]);
/** Reasons after which a controller waits for its requeue interval although it could go on at once. */
const impatientReasons = new Set(['DependencyNotReady', 'SourceNotReady', 'ArtifactFailed']);

export interface SettleOptions {
  /** Of `requestToken`; when given, everything must also have reconciled since (`reconcile again`). */
  token?: string;
  /** Keys of objects that need not be well, because they were not before. */
  excused?: ReadonlySet<string>;
  /** The Git source and the commit it must have reached; a later commit is judged by `reached`. */
  source?: { reference: ObjectReference; reached: (commit: string) => boolean };
}

/** What still has to happen to one object; empty when it is settled. */
function unsettled(view: LiveView, object: LiveObject, { token }: SettleOptions): string {
  const { state, message } = healthOf(object);
  if (state === 'suspended' || state === 'static') return '';
  const name = nameOf(referenceOf(object));
  if (state !== 'ready') return `${name}: ${message || 'Ready'}`;
  if (object.kind === 'Kustomization') {
    const source = sourceOf(view, object);
    if (source && revisionOf(source) !== revisionOf(object))
      return `${name} at ${shortRevision(revisionOf(source))}`;
  }
  return token !== undefined && askedKinds.has(object.kind) && !handledSince(object, token)
    ? `${name} to reconcile again`
    : '';
}

/** Settles the Flux objects of a view. Keep one for the length of a wait: it remembers whom it nudged. */
export class Settler {
  readonly #cluster: Cluster;
  readonly #view: LiveView;
  readonly #options: SettleOptions;
  /** When each object was asked (ms), and how often, by key. */
  readonly #nudged = new Map<string, { at: number; times: number }>();
  /** A request that failed; the wait ends with it. */
  trouble: Error | null = null;
  /** Whether the last look found the Git source at the commit (or no source to wait for). */
  sourceReached = false;

  constructor(cluster: Cluster, view: LiveView, options: SettleOptions = {}) {
    this.#cluster = cluster;
    this.#view = view;
    this.#options = options;
  }

  /** One look: nudges whatever is free to go on, and names the first object that is still underway; empty when all settled. */
  look(): string {
    if (this.trouble) throw this.trouble;
    const { source, excused } = this.#options;
    this.sourceReached = false;
    if (source) {
      const live = this.#view.find(source.reference);
      const name = nameOf(source.reference);
      if (!live) return `${name} to appear`;
      const commit = commitOf(revisionOf(live));
      if (!source.reached(commit)) return `${name} to fetch the commit (at ${commit.slice(0, 8) || 'none'})`;
    }
    this.sourceReached = true;
    const objects = this.#view.objects().filter(({ apiVersion }) => apiVersion.includes('.fluxcd.io/'));
    const present = new Set(objects.map((object) => keyOf(referenceOf(object))));
    const open = new Map<string, string>();
    for (const object of objects) {
      const key = keyOf(referenceOf(object));
      const missing = excused?.has(key) ? '' : unsettled(this.#view, object, this.#options);
      if (missing) open.set(key, missing);
    }
    for (const object of objects) this.#nudge(object, open, present);
    return [...open.values()][0] ?? '';
  }

  /**
   * Asks for a reconciliation as soon as it can succeed: a controller that found a dependency unready looks again only after
   * its requeue interval (30 s by default), and a request that comes before the dependency is ready would be wasted.
   */
  #nudge(object: LiveObject, open: Map<string, string>, present: Set<string>): void {
    const key = keyOf(referenceOf(object));
    if (!open.has(key)) return;
    const { token } = this.#options;
    const handled = textField(object, 'status', 'lastHandledReconcileAt') ?? '';
    const asked = object.metadata.annotations?.[marks.requestedAt] ?? '';
    const impatient = impatientReasons.has(healthOf(object).reason);
    const needsRequest = token !== undefined && askedKinds.has(object.kind) && !isSince(asked, token);
    // A request that is on its way needs no second one.
    if (asked !== handled && asked !== '' && !needsRequest) return;
    if (!needsRequest && !impatient) return;
    if (prerequisitesOf(object).some((prerequisite) => open.has(prerequisite) || !present.has(prerequisite)))
      return;
    const { at, times } = this.#nudged.get(key) ?? { at: 0, times: 0 };
    if (Date.now() - at < (times === 0 ? 0 : Math.min(500 * 2 ** times, 8_000))) return;
    this.#nudged.set(key, { at: Date.now(), times: times + 1 });
    requestReconcile(this.#cluster, referenceOf(object), `${token ?? requestToken()}.${times}`).catch(
      (error: unknown) => {
        if (!isClusterError(error, 'unreachable')) this.trouble = error as Error;
      },
    );
  }
}

/** Keys of what must be settled before the object can be: its dependencies and its source. */
function prerequisitesOf(object: LiveObject): string[] {
  if (!dependentKinds.has(object.kind)) return [];
  const home = object.metadata.namespace ?? '';
  const dependencies = listField(object, 'spec', 'dependsOn').map((entry) => ({
    ...referenceOf(object),
    namespace: textField(entry, 'namespace') ?? home,
    name: textField(entry, 'name') ?? '',
  }));
  const source =
    field(object, 'spec', 'sourceRef') ??
    field(object, 'spec', 'chartRef') ??
    field(object, 'spec', 'chart', 'spec', 'sourceRef');
  const sourceReference = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: textField(source, 'kind') ?? '',
    namespace: textField(source, 'namespace') ?? home,
    name: textField(source, 'name') ?? '',
  };
  return [...dependencies, ...(source ? [sourceReference] : [])].map(keyOf);
}

function sourceOf(view: LiveView, kustomization: LiveObject): LiveObject | null {
  const wanted = sourceKeyOf(kustomization);
  return (
    view
      .objects()
      .find(
        ({ kind, metadata }) =>
          sourceKinds.has(kind) && `${kind}/${metadata.namespace}/${metadata.name}` === wanted,
      ) ?? null
  );
}

function shortRevision(revision: string): string {
  return revision.replace(/(sha\d+:[0-9a-f]{8})[0-9a-f]+$/, '$1');
}
