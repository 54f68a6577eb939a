// Which pods of a cluster are Ready, and whether they are so again after a start.

import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LabCluster } from '../description.ts';
import { waitUntil } from '../readiness.ts';
import { kubectl } from './kubectl.ts';
import { describeCluster, type ClusterLayout } from './layout.ts';

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly state?: { readonly running?: { readonly startedAt: string } };
    }[];
  };
}

async function pods(cluster: LabCluster, bin: string): Promise<Pod[]> {
  const { stdout } = await kubectl(cluster, bin, ['get', 'pods', '--all-namespaces', '--output=json'], {
    timeout: 10_000,
  });
  return (JSON.parse(stdout) as { items: Pod[] }).items;
}

function isReady(pod: Pod, since = 0): boolean {
  const containers = pod.status.containerStatuses ?? [];
  return (
    pod.metadata.deletionTimestamp === undefined &&
    containers.length > 0 &&
    containers.every(({ ready, state }) => ready && Date.parse(state?.running?.startedAt ?? '') >= since)
  );
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** File that remembers which pods were Ready when the cluster was stopped. */
export function readyPodsFile(layout: ClusterLayout): string {
  return path.join(layout.directory, 'ready-pods.json');
}

/** Notes the Ready pods for `waitForPods`; a cluster that does not answer leaves no note. */
export async function noteReadyPods(layout: ClusterLayout, bin: string): Promise<void> {
  const file = readyPodsFile(layout);
  try {
    const ready = (await pods(describeCluster(layout), bin)).filter((pod) => isReady(pod)).map(keyOf);
    await writeFile(file, JSON.stringify(ready));
  } catch {
    await rm(file, { force: true });
  }
}

/**
 * Waits until the pods that were Ready at the stop are so again. Their recorded state survives in etcd, so only
 * containers started at or after `since` count. Pods that are gone meanwhile are not missed.
 */
export async function waitForPods(layout: ClusterLayout, bin: string, since: Date): Promise<void> {
  const text = await readFile(readyPodsFile(layout), 'utf8').catch(() => '[]');
  const expected = new Set(JSON.parse(text) as string[]);
  const start = Math.floor(since.getTime() / 1000) * 1000;
  await waitUntil({
    what: `the pods of ${layout.name}`,
    timeout: 120_000,
    interval: 400,
    check: async () => {
      const current = await pods(describeCluster(layout), bin);
      const missing = current.filter((pod) => expected.has(keyOf(pod)) && !isReady(pod, start));
      return missing.length === 0 ? null : `${missing.map(keyOf).join(', ')} not Ready again`;
    },
  });
}

/** Waits until every Deployment of the cluster is rolled out and available. */
export async function waitForDeployments(cluster: LabCluster, bin: string): Promise<void> {
  const template = '{range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}';
  const listing = ['get', 'deployments', '--all-namespaces', `--output=jsonpath=${template}`];
  const { stdout } = await kubectl(cluster, bin, listing);
  const namespaces = new Set(stdout.split('\n').flatMap((line) => line.split(' ').slice(0, 1)));
  namespaces.delete('');
  for (const namespace of namespaces) {
    const parameters = ['rollout', 'status', 'deployment', `--namespace=${namespace}`, '--timeout=120s'];
    await kubectl(cluster, bin, parameters);
  }
}
