/** The collections that waits look at: every Flux kind, and the Deployments of the controllers' namespace. */
import type { Cluster } from './cluster.ts';
import { LiveView } from './live-view.ts';

/** A view of all Flux objects of the cluster, with Flux Operator's and the Deployments in one namespace. Close it after use. */
export async function viewFlux(cluster: Cluster, namespace: string): Promise<LiveView> {
  const [flux, operator, deployments] = await Promise.all([
    cluster.discovery.resourcesOfGroups('.fluxcd.io'),
    cluster.discovery.resourcesOfGroups('fluxcd.controlplane.io'),
    cluster.discovery.resource('apps/v1', 'Deployment'),
  ]);
  const view = new LiveView(cluster);
  const watched = [...flux, ...operator.filter(({ kind }) => kind === 'FluxInstance')];
  await view.add([...watched.map((resource) => ({ resource })), { resource: deployments, namespace }]);
  return view;
}
