/** Which path serves which kind: asked of the API server, kept for the life of a connection. */
import { ClusterError, isClusterError } from './errors.ts';
import type { Connection } from './connection.ts';
import type { ObjectReference } from '../plan/types.ts';

export interface Resource {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

interface GroupList {
  groups: {
    name: string;
    preferredVersion: { groupVersion: string };
    versions: { groupVersion: string }[];
  }[];
}

export interface Discovery {
  /** @throws ClusterError `not-found` when the cluster does not know the kind (yet); nothing is remembered then. */
  resource(apiVersion: string, kind: string): Promise<Resource>;
  /**
   * Everything listable that the groups with this suffix serve, each kind once: at the preferred version of its group, else at the first
   * that has it (Alerts and Providers of Flux are not served at the version of its Receivers).
   */
  resourcesOfGroups(suffix: string): Promise<Resource[]>;
  /** The preferred `group/version` of a group, or null where it is not served. */
  preferredVersion(group: string): Promise<string | null>;
}

export function discover(connection: Connection): Discovery {
  const known = new Map<string, Promise<Resource[]>>();

  async function fetchResources(apiVersion: string): Promise<Resource[]> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { resources: served } = await connection.send<ResourceList>(root);
    return served
      .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list'))
      .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
  }

  function resources(apiVersion: string): Promise<Resource[]> {
    const found = known.get(apiVersion);
    if (found) return found;
    const asked = fetchResources(apiVersion);
    known.set(apiVersion, asked);
    asked.catch(() => known.delete(apiVersion));
    return asked;
  }

  async function groups(): Promise<GroupList['groups']> {
    return (await connection.send<GroupList>('/apis')).groups;
  }

  return {
    async resource(apiVersion, kind) {
      const found = (await resources(apiVersion)).find((resource) => resource.kind === kind);
      if (found) return found;
      known.delete(apiVersion);
      throw new ClusterError('not-found', `the cluster has no kind ${kind} in ${apiVersion}`, 404);
    },
    async resourcesOfGroups(suffix) {
      const matching = (await groups()).filter(({ name }) => name.endsWith(suffix));
      const kinds = matching.map(async ({ preferredVersion, versions }) => {
        const lists = await Promise.all(
          [preferredVersion, ...versions].map(({ groupVersion }) =>
            resources(groupVersion).catch((error: unknown) => {
              if (isClusterError(error, 'not-found')) return [];
              throw error;
            }),
          ),
        );
        const first = new Map<string, Resource>();
        for (const resource of lists.flat())
          if (!first.has(resource.kind)) first.set(resource.kind, resource);
        return [...first.values()];
      });
      return (await Promise.all(kinds)).flat();
    },
    async preferredVersion(group) {
      return (await groups()).find(({ name }) => name === group)?.preferredVersion.groupVersion ?? null;
    },
  };
}

/** Path of a kind's collection; all namespaces when none is given. */
export function collectionPath({ apiVersion, plural, namespaced }: Resource, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`;
}

export function objectPath(
  resource: Resource,
  { namespace, name }: Pick<ObjectReference, 'namespace' | 'name'>,
): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}
