// What of the lab runs and where, for people and for programs.

import { access, readFile } from 'node:fs/promises';
import Table from 'cli-table3';
import colors from 'picocolors';
import { listCheckpoints } from './checkpoint.ts';
import { controlGroupProcesses } from './cluster/control-groups.ts';
import { apiServerReady, nodeReady } from './cluster/health.ts';
import { clusterLayout } from './cluster/layout.ts';
import { readLab, type Lab, type LabCluster } from './description.ts';
import { requireIdentity } from './network/identity.ts';
import { markedProcesses } from './process-marks.ts';
import { listProcesses, logFile, type LabProcess } from './processes.ts';

export interface LabStatus {
  readonly lab: Lab;
  readonly clusters: readonly (LabCluster & { readonly state: string; readonly legacyInstalled: boolean })[];
  /** Every program that should run. */
  readonly processes: readonly (LabProcess & { readonly log: string })[];
  /** Proportional set size of all programs and pods, in bytes. */
  readonly memory: number;
  readonly checkpoints: readonly string[];
  /** True when every program runs and every node is Ready. */
  readonly healthy: boolean;
}

export async function labStatus(): Promise<LabStatus> {
  const lab = await readLab();
  const identity = await requireIdentity();
  const clusters = [...lab.clusters, ...lab.spareClusters].map(async (cluster) => {
    const layout = clusterLayout(identity, cluster.name);
    const missing = (await apiServerReady(layout)) ?? (await nodeReady(cluster, lab.bin));
    const legacyInstalled = await access(layout.legacyMark).then(
      () => true,
      () => false,
    );
    return { ...cluster, state: missing ?? 'Ready', legacyInstalled };
  });
  const processes = (await listProcesses()).map((process) => ({ ...process, log: logFile(process.name) }));
  const status = {
    lab,
    clusters: await Promise.all(clusters),
    processes,
    memory: await memoryOf(Object.keys(identity.slots).map((name) => `${identity.id}-${name}`)),
    checkpoints: await listCheckpoints(),
  };
  const running = processes.length > 0 && processes.every(({ alive }) => alive);
  return { ...status, healthy: running && status.clusters.every(({ state }) => state === 'Ready') };
}

async function memoryOf(controlGroups: readonly string[]): Promise<number> {
  const pods = (await Promise.all(controlGroups.map(controlGroupProcesses))).flat();
  const programs = (await markedProcesses()).map(({ pid }) => pid);
  const sizes = [...new Set([...pods, ...programs])].map(async (pid) => {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The status as a person reads it. */
export function renderStatus(status: LabStatus): string {
  const { lab } = status;
  const good = (text: string) => colors.green(text);
  const bad = (text: string) => colors.red(text);
  const services = new Table({ head: ['service', 'where'], style: { head: [], border: [] } });
  services.push(
    ['Git', `${lab.git.url}  (user ${lab.git.username}, token in ${lab.git.tokenFile})`],
    ['registry', `https://${lab.registry.address}  (CA ${lab.registry.caFile})`],
    ['Temporal', `${lab.temporal.address}, namespace ${lab.temporal.namespace}`],
    ['Temporal UI', lab.temporal.uiUrl],
    ['programs', lab.bin],
  );
  const clusters = new Table({
    head: ['cluster', 'API server', 'kubeconfig', 'state'],
    style: { head: [], border: [] },
  });
  for (const { name, apiServer, kubeconfig, state } of status.clusters) {
    clusters.push([name, apiServer, kubeconfig, state === 'Ready' ? good(state) : bad(state)]);
  }
  const lines = status.processes.map(({ name, pid, alive, log }) =>
    alive ? `  ${good('●')} ${name} (${pid})` : `  ${bad(`● ${name} is dead`)}, see ${log}`,
  );
  const mend = status.healthy ? [] : ['', bad('Not everything runs. "make lab" repairs it.')];
  return [
    `Lab ${lab.id} in ${lab.directory}, ${Math.round(status.memory / 2 ** 20)} MiB of memory`,
    clusters.toString(),
    services.toString(),
    'processes',
    ...lines,
    ...(status.checkpoints.length === 0 ? [] : [`checkpoints: ${status.checkpoints.join(', ')}`]),
    ...mend,
  ].join('\n');
}
