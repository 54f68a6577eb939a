/** An outside witness: Kubernetes watches (not samples) that record every creation and deletion in a cluster. */
import { KubeConfig, Watch } from '@kubernetes/client-node';
import type { LabCluster } from '../../lab/description.ts';

/** One thing that happened to an object, with the UID it had. */
export interface Sighting {
  at: string;
  event: 'created' | 'terminating' | 'deleted' | 'leader';
  resource: string;
  /** `namespace/name` or `name`. */
  object: string;
  uid: string;
  detail: string;
}

interface WatchedObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
  };
  spec?: { holderIdentity?: string };
}

/** API path of each watched resource: everything of Flux, and everything a person would miss. */
const watchedResources: Record<string, string> = {
  customresourcedefinitions: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  namespaces: '/api/v1/namespaces',
  persistentvolumeclaims: '/api/v1/persistentvolumeclaims',
  secrets: '/api/v1/secrets',
  configmaps: '/api/v1/configmaps',
  services: '/api/v1/services',
  serviceaccounts: '/api/v1/serviceaccounts',
  deployments: '/apis/apps/v1/deployments',
  statefulsets: '/apis/apps/v1/statefulsets',
  daemonsets: '/apis/apps/v1/daemonsets',
  leases: '/apis/coordination.k8s.io/v1/leases',
  clusterroles: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  clusterrolebindings: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  gitrepositories: '/apis/source.toolkit.fluxcd.io/v1/gitrepositories',
  ocirepositories: '/apis/source.toolkit.fluxcd.io/v1/ocirepositories',
  helmrepositories: '/apis/source.toolkit.fluxcd.io/v1/helmrepositories',
  helmcharts: '/apis/source.toolkit.fluxcd.io/v1/helmcharts',
  kustomizations: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
  helmreleases: '/apis/helm.toolkit.fluxcd.io/v2/helmreleases',
  receivers: '/apis/notification.toolkit.fluxcd.io/v1/receivers',
  alerts: '/apis/notification.toolkit.fluxcd.io/v1beta3/alerts',
  providers: '/apis/notification.toolkit.fluxcd.io/v1beta3/providers',
};

function keyOf({ metadata: { name, namespace } }: WatchedObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export class Witness {
  readonly sightings: Sighting[] = [];
  /** Places where the record has a hole (a watch that could not be resumed); must stay empty. */
  readonly gaps: string[] = [];
  /** Most Deployments of one controller seen at once, by controller name. */
  readonly controllerDeployments = new Map<string, number>();
  readonly #live = new Map<string, Map<string, WatchedObject>>();
  readonly #kubeConfig = new KubeConfig();
  readonly #aborts: AbortController[] = [];
  #stopped = false;
  readonly cluster: LabCluster;

  readonly #watched: Readonly<Record<string, string>>;

  /** @param beyond API paths of more resources to watch, by their plural name; one that the cluster does not serve (yet) is empty */
  constructor(cluster: LabCluster, beyond: Readonly<Record<string, string>> = {}) {
    this.cluster = cluster;
    this.#watched = { ...watchedResources, ...beyond };
    this.#kubeConfig.loadFromFile(cluster.kubeconfig);
  }

  /** Resolves when every watch has delivered the state it starts from. */
  async start(): Promise<void> {
    await Promise.all(Object.entries(this.#watched).map(([resource, path]) => this.#follow(resource, path)));
  }

  stop(): void {
    this.#stopped = true;
    for (const abort of this.#aborts) abort.abort();
  }

  /** Objects present now, `resource/namespace/name` → UID. */
  present(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [resource, objects] of this.#live)
      for (const [name, object] of objects) found.set(`${resource}/${name}`, object.metadata.uid);
    return found;
  }

  deletions(): Sighting[] {
    return this.sightings.filter(({ event }) => event === 'deleted' || event === 'terminating');
  }

  async #follow(resource: string, path: string): Promise<void> {
    const objects = new Map<string, WatchedObject>();
    this.#live.set(resource, objects);
    let resourceVersion = '';
    let first = true;
    await new Promise<void>((ready, fail) => {
      // Streaming list: the API server sends the present state, then a bookmark that ends it.
      const begin = async (): Promise<void> => {
        const listed = resourceVersion === '' ? new Set<string>() : null;
        let complete = listed === null;
        const query = listed
          ? { allowWatchBookmarks: true, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
          : { allowWatchBookmarks: true, resourceVersion };
        const see = (type: string, object: WatchedObject): void => {
          if (type === 'ERROR') {
            // A changed CRD starts the API server's watch cache anew. A new list then closes the hole: whatever was deleted or
            // re-created meanwhile is missing from it or has another UID.
            if ((object as unknown as { code?: number }).code === 410) resourceVersion = '';
            else this.gaps.push(`${resource}: ${JSON.stringify(object)}`);
            return;
          }
          resourceVersion = object.metadata.resourceVersion;
          if (type === 'BOOKMARK') {
            if (complete) return;
            complete = true;
            for (const [key, known] of objects)
              if (!listed?.has(key)) this.#see(resource, objects, 'DELETED', known, false);
            first = false;
            ready();
            return;
          }
          if (!complete) listed?.add(keyOf(object));
          this.#see(resource, objects, type, object, first);
        };
        const again = (ending: unknown): void => {
          if (this.#stopped) return;
          if (!complete) resourceVersion = '';
          const absent = (ending as { statusCode?: number } | null)?.statusCode === 404;
          if (absent) {
            // Without its definition no object of the kind is left.
            for (const known of objects.values()) this.#see(resource, objects, 'DELETED', known, false);
            resourceVersion = '';
            first = false;
            ready();
          }
          setTimeout(
            () => void begin().catch((failure: unknown) => this.gaps.push(`${resource}: ${String(failure)}`)),
            absent ? 500 : 50,
          );
        };
        this.#aborts.push(await new Watch(this.#kubeConfig).watch(path, query, see, again));
      };
      begin().catch(fail);
    });
  }

  #see(
    resource: string,
    objects: Map<string, WatchedObject>,
    type: string,
    object: WatchedObject,
    initial: boolean,
  ): void {
    const { uid, deletionTimestamp } = object.metadata;
    const key = keyOf(object);
    const before = objects.get(key);
    const note = (event: Sighting['event'], detail = ''): void => {
      this.sightings.push({ at: new Date().toISOString(), event, resource, object: key, uid, detail });
    };
    if (type === 'DELETED') {
      objects.delete(key);
      note('deleted');
    } else {
      objects.set(key, object);
      if (!initial && before?.metadata.uid !== uid)
        note('created', before === undefined ? '' : `replaces ${before.metadata.uid}`);
      if (deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
        note('terminating');
    }
    if (resource === 'deployments') this.#countControllers(objects);
    if (
      resource === 'leases' &&
      object.spec?.holderIdentity !== before?.spec?.holderIdentity &&
      type !== 'DELETED'
    )
      note('leader', object.spec?.holderIdentity ?? 'nobody');
  }

  #countControllers(deployments: Map<string, WatchedObject>): void {
    const counts = new Map<string, number>();
    for (const { metadata } of deployments.values()) {
      const controller = metadata.labels?.['app.kubernetes.io/component'] ?? metadata.name;
      if (controller.endsWith('-controller')) counts.set(controller, (counts.get(controller) ?? 0) + 1);
    }
    for (const [controller, count] of counts)
      this.controllerDeployments.set(
        controller,
        Math.max(count, this.controllerDeployments.get(controller) ?? 0),
      );
  }
}
