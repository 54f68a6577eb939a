// Whether a cluster's API server answers and its node is Ready.

import type { LabCluster } from '../description.ts';
import { httpsStatus } from '../network/https-status.ts';
import { kubectl } from './kubectl.ts';
import { describeCluster, keyPair, type ClusterLayout } from './layout.ts';

/** Null when the API server says that it is ready, else what it says. */
export async function apiServerReady(layout: ClusterLayout): Promise<string | null> {
  return httpsStatus(`${describeCluster(layout).apiServer}/readyz`, keyPair(layout, 'authority').certificate);
}

/**
 * Null when the node is Ready, else its reason. After a start, a report from before it (etcd remembers) is no proof:
 * only one made after `since` counts.
 */
export async function nodeReady(cluster: LabCluster, bin: string, since?: Date): Promise<string | null> {
  const template =
    '{range .status.conditions[?(@.type=="Ready")]}{.status}|{.lastHeartbeatTime}|{.message}{end}';
  const parameters = ['get', 'node', cluster.name, `--output=jsonpath=${template}`];
  const result = await kubectl(cluster, bin, parameters, { mayFail: true, timeout: 10_000 });
  if (result.failed) return result.stderr.split('\n').at(-1) ?? 'kubectl failed';
  const [status, heartbeat = '', message = ''] = result.stdout.split('|');
  if (status !== 'True') return `node ${cluster.name} is not Ready: ${message}`;
  // Heartbeats carry whole seconds.
  const old = since !== undefined && Date.parse(heartbeat) < Math.floor(since.getTime() / 1000) * 1000;
  return old ? `kubelet of ${cluster.name} has not reported since it was started` : null;
}
