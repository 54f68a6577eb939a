/** Which cluster this is: the UID of its kube-system namespace, and the version it runs. */
import type { Cluster } from './cluster.ts';

export interface Identity {
  clusterUid: string;
  /** Such as `v1.34.4`. */
  kubernetesVersion: string;
}

/** @throws ClusterError */
export async function readIdentity(cluster: Cluster): Promise<Identity> {
  const [namespace, version] = await Promise.all([
    cluster.read({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' }),
    cluster.connection.send<{ gitVersion: string }>('/version'),
  ]);
  return { clusterUid: namespace.metadata.uid, kubernetesVersion: version.gitVersion };
}
