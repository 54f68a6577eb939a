/** What the watch looks at, live: Kubernetes watches, no polls. */
import type { Cluster } from '../../cluster/cluster.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { LiveView } from '../../cluster/live-view.ts';

/** For days every Deployment of a cluster, in full: seldom. Reaction takes its time from the events, not from this. Milliseconds. */
const relistEvery = 300_000;

/**
 * A view of all that the fast judgements read. Close it after use.
 * @param patiently a collection that can not be listed yet is trouble of the view; but for the Lease, without which nothing is told
 * @throws ClusterError
 */
export async function viewWatched(
  cluster: Cluster,
  namespace: string,
  { patiently = false } = {},
): Promise<LiveView> {
  const { discovery } = cluster;
  const [flux, definitions, namespaces, deployments, leases, pods] = await Promise.all([
    discovery.resourcesOfGroups('.fluxcd.io'),
    discovery.resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    discovery.resource('v1', 'Namespace'),
    discovery.resource('apps/v1', 'Deployment'),
    discovery.resource('coordination.k8s.io/v1', 'Lease'),
    discovery.resource('v1', 'Pod'),
  ]);
  const view = new LiveView(cluster, { relistEvery });
  await view.add([{ resource: leases, namespace }]);
  const watched = [
    ...flux.map((resource) => ({ resource })),
    { resource: definitions, metadataOnly: true },
    { resource: namespaces, metadataOnly: true },
    // In the whole cluster: a second set of controllers may be anywhere.
    { resource: deployments },
    { resource: pods, namespace },
  ];
  await view.add(watched, { patiently });
  return view;
}

export const instanceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespace: '',
  name: 'fluxinstances.fluxcd.controlplane.io',
};
export const instances = { apiVersion: 'fluxcd.controlplane.io/v1', kind: 'FluxInstance' };

/** FluxInstances are served only once Flux Operator is installed: seen by their definition. True when they are watched from now on. */
export async function addInstances(cluster: Cluster, view: LiveView): Promise<boolean> {
  if (!view.find(instanceDefinition)) return false;
  try {
    const resource = await cluster.discovery.resource(instances.apiVersion, instances.kind);
    return await view.add([{ resource }], { patiently: true });
  } catch (error) {
    // Between its definition and its API a moment passes.
    if (isClusterError(error, 'not-found', 'unreachable', 'forbidden')) return false;
    throw error;
  }
}
