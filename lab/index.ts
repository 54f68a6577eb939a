// The lab as a library, for tests and measurements: one function for each thing that can be done to it.

import { rm } from 'node:fs/promises';
import { restore, save } from './checkpoint.ts';
import { applyAddOns } from './cluster/add-ons.ts';
import { halt, resume } from './cluster/interruption.ts';
import { clusterLayout, describeCluster, type ClusterLayout } from './cluster/layout.ts';
import { startPrograms, stopPrograms } from './cluster/lifecycle.ts';
import { waitForDeployments } from './cluster/workloads.ts';
import { clusterOf, readLab, writeLab, type Lab, type LabCluster } from './description.ts';
import { exclusively } from './exclusive.ts';
import { removeLab } from './lower.ts';
import { bridgeAddress } from './network/addresses.ts';
import { requireIdentity, withSlot, writeIdentity, type LabIdentity } from './network/identity.ts';
import { raise, type RaiseOptions } from './raise.ts';
import { restartTemporalServer } from './services/temporal.ts';

export { listCheckpoints } from './checkpoint.ts';
export { clusterOf, fleetClusterNames, labDirectory, readLab } from './description.ts';
export type { Lab, LabCluster, LabGit, LabRegistry, LabTemporal } from './description.ts';
export { endProcess, listProcesses, logFile, type LabProcess } from './processes.ts';
export type { RaiseOptions } from './raise.ts';

/** Raises the lab of this checkout, or repairs it: afterwards everything runs and every Flux object is Ready. */
export function raiseLab(options: RaiseOptions = {}): Promise<Lab> {
  return exclusively(() => raise(options));
}

/** Removes the lab from the machine, in whatever state it is. `keepData` keeps its files for the next `raiseLab`. */
export function lowerLab({ keepData = false }: { readonly keepData?: boolean } = {}): Promise<void> {
  return exclusively(() => removeLab({ keepData }));
}

/** Saves the state of the fleet's clusters, of the Git refs and of the registry's tags. Restarts the clusters. */
export function saveCheckpoint(name: string): Promise<void> {
  return exclusively(() => save(name));
}

/** Puts a saved state back; ends when the pods that were Ready then are Ready again. */
export function restoreCheckpoint(name: string): Promise<void> {
  return exclusively(() => restore(name));
}

/** Starts a stopped cluster; ends when the pods that were Ready are Ready again. */
export function startCluster(name: string): Promise<void> {
  return exclusively(async () => {
    const { lab, identity, layout } = await find(name);
    await resume(layout, { identity, bin: lab.bin, registry: lab.registry });
  });
}

/** Stops a cluster, its pods included; its address answers no more. */
export function stopCluster(name: string): Promise<void> {
  return exclusively(async () => {
    const { lab, layout } = await find(name);
    await halt(layout, lab.bin);
  });
}

/** Raises one more cluster with nothing in it but DNS and volumes; it is listed under `spareClusters`. */
export function raiseEmptyCluster(name: string): Promise<LabCluster> {
  return exclusively(async () => {
    const lab = await readLab();
    const identity = withSlot(await requireIdentity(), name);
    await writeIdentity(identity);
    const layout = clusterLayout(identity, name);
    const cluster = describeCluster(layout);
    const others = lab.spareClusters.filter((spare) => spare.name !== name);
    if (!lab.clusters.some((member) => member.name === name)) {
      await writeLab({ ...lab, spareClusters: [...others, cluster] });
    }
    await startPrograms(layout, { identity, bin: lab.bin, registry: lab.registry });
    await applyAddOns(layout, lab.bin, bridgeAddress(identity));
    await waitForDeployments(cluster, lab.bin);
    return cluster;
  });
}

/** Removes one cluster that `raiseEmptyCluster` made, its files included. */
export function lowerEmptyCluster(name: string): Promise<void> {
  return exclusively(async () => {
    const { lab, layout } = await find(name);
    await stopPrograms(layout);
    await rm(layout.directory, { recursive: true, force: true });
    await writeLab({ ...lab, spareClusters: lab.spareClusters.filter((spare) => spare.name !== name) });
  });
}

/** Ends the Temporal dev server and starts it again on the same data. */
export function restartTemporal(): Promise<void> {
  return exclusively(async () => {
    const lab = await readLab();
    await restartTemporalServer(await requireIdentity(), lab.bin);
  });
}

async function find(name: string): Promise<{ lab: Lab; identity: LabIdentity; layout: ClusterLayout }> {
  const lab = await readLab();
  clusterOf(lab, name);
  const identity = await requireIdentity();
  return { lab, identity, layout: clusterLayout(identity, name) };
}
