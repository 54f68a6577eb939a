// Raises one cluster from its files, or repairs what is dead of it; stops it so that nothing of it is left running.

import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ensureNodeNamespace, removeNodeNamespace } from '../network/node-namespace.ts';
import type { LabIdentity } from '../network/identity.ts';
import { killMarked } from '../process-marks.ts';
import { endProcess, ensureProcess, listProcesses, type ProcessSpecification } from '../processes.ts';
import { waitUntil } from '../readiness.ts';
import { containerRuntime, type RegistryMirror } from './container-runtime.ts';
import { ensureControlGroup, killControlGroup, removeControlGroup } from './control-groups.ts';
import { controlPlane } from './control-plane.ts';
import { ensureCredentials, writeAuditPolicy } from './credentials.ts';
import { apiServerReady, nodeReady } from './health.ts';
import { releaseElections } from './leader-elections.ts';
import { describeCluster, type ClusterLayout } from './layout.ts';
import { removeMachineFiles, unmountBelow } from './leftovers.ts';
import { nodePrograms } from './node.ts';

export interface ClusterMeans {
  readonly identity: LabIdentity;
  /** Folder of the cluster's programs. */
  readonly bin: string;
  readonly registry: RegistryMirror;
}

/**
 * Starts what does not run of a cluster and waits until its node is Ready (4–6 s from nothing). True when anything had
 * to be started.
 */
export async function startPrograms(layout: ClusterLayout, means: ClusterMeans): Promise<boolean> {
  await mkdir(layout.directory, { recursive: true });
  await ensureNodeNamespace(means.identity, layout.addresses);
  await ensureControlGroup(layout.addresses.cgroup);
  await ensureCredentials(layout);
  await writeAuditPolicy(layout);
  const [etcd, apiServer, ...managers] = controlPlane(layout, means.bin);
  const runtime = await containerRuntime(layout, means.registry);
  const nodes = await nodePrograms(layout, means.bin);
  const first = [etcd, apiServer, runtime].filter((program) => program !== undefined);
  const fresh = !(await exists(layout.containerState));
  const started = await startAll(first);
  await waitUntil({
    what: `the API server of ${layout.name}`,
    check: () => apiServerReady(layout),
    timeout: 60_000,
    programs: first.map((program) => program.name),
  });
  // No container of an earlier run can be alive, so whatever it was the leader of is free.
  if (fresh) await releaseElections(describeCluster(layout), means.bin);
  const second = [...managers, ...nodes];
  const since = new Date();
  started.push(...(await startAll(second)));
  const nodeStarted = started.includes(`${layout.name}/kubelet`);
  await waitUntil({
    what: `the node of ${layout.name}`,
    check: () => nodeReady(describeCluster(layout), means.bin, nodeStarted ? since : undefined),
    timeout: 60_000,
    interval: 300,
    programs: second.map((program) => program.name),
  });
  return started.length > 0;
}

/** Names of those that were started. */
async function startAll(programs: readonly ProcessSpecification[]): Promise<string[]> {
  const started = programs.map(async (program) => ((await ensureProcess(program)) ? [program.name] : []));
  return (await Promise.all(started)).flat();
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * Stops a cluster: programs, pods, mounts, cgroups and its namespace go, its files stay. Works on a cluster in any
 * state, half started or half stopped.
 */
export async function stopPrograms(layout: ClusterLayout): Promise<void> {
  const own = (name: string) => name.startsWith(`${layout.name}/`);
  // etcd alone is asked politely: its data is to be used again. kubelet goes before the pods, or it restarts them.
  await killMarked((name) => own(name) && name !== `${layout.name}/etcd`);
  await killControlGroup(layout.addresses.cgroup);
  for (const { name } of (await listProcesses()).filter((process) => own(process.name)))
    await endProcess(name);
  await killMarked(own);
  await unmountBelow(layout.directory);
  await Promise.all([
    rm(layout.containerState, { recursive: true, force: true }),
    rm(layout.containerSocket, { force: true }),
    rm(`${layout.containerSocket}.ttrpc`, { force: true }),
    rm(layout.podAddresses, { recursive: true, force: true }),
    rm(path.join(layout.kubeletRoot, 'pods'), { recursive: true, force: true }),
    removeMachineFiles(layout.addresses.netns, layout.directory),
    removeControlGroup(layout.addresses.cgroup),
    removeNodeNamespace(layout.addresses.netns),
  ]);
}
