// Stops a cluster in good order and starts it again, pods included.

import { rm } from 'node:fs/promises';
import type { ClusterLayout } from './layout.ts';
import { startPrograms, stopPrograms, type ClusterMeans } from './lifecycle.ts';
import { noteReadyPods, readyPodsFile, waitForPods } from './workloads.ts';

/** Stops one cluster: which pods were Ready is noted, its files stay. */
export async function halt(layout: ClusterLayout, bin: string): Promise<void> {
  await noteReadyPods(layout, bin);
  await stopPrograms(layout);
}

/** Starts or repairs one cluster, and waits until the pods that were Ready when it was halted are Ready again. */
export async function resume(layout: ClusterLayout, means: ClusterMeans): Promise<void> {
  const since = new Date();
  const started = await startPrograms(layout, means);
  if (started) await waitForPods(layout, means.bin, since);
  await rm(readyPodsFile(layout), { force: true });
}
