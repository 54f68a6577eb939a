// The cgroup below which one cluster keeps its pods, on cgroup v1 and v2: made, emptied, removed.

import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const mount = '/sys/fs/cgroup';

/** Controllers that kubelet wants to see below its root on cgroup v2. */
const unifiedControllers = ['cpu', 'cpuset', 'memory', 'pids', 'io', 'hugetlb'];

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function isUnified(): Promise<boolean> {
  return exists(path.join(mount, 'cgroup.controllers'));
}

/** The roots of all hierarchies: one on v2, one a controller on v1. */
async function hierarchies(): Promise<string[]> {
  if (await isUnified()) return [mount];
  const entries = await readdir(mount, { withFileTypes: true });
  // Links such as cpu,cpuacct -> cpu would name a hierarchy twice.
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(mount, entry.name));
}

/** Names of all groups directly below the roots. */
export async function controlGroupNames(): Promise<string[]> {
  const listings = await Promise.all((await hierarchies()).map((hierarchy) => readdir(hierarchy)));
  return [...new Set(listings.flat())];
}

/** Makes the group in every hierarchy; kubelet refuses to start without its `cgroupRoot`. */
export async function ensureControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await mkdir(path.join(hierarchy, name), { recursive: true });
  if (!(await isUnified())) return;
  const available = (await readFile(path.join(mount, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  const wanted = unifiedControllers.filter((controller) => available.includes(controller));
  const line = wanted.map((controller) => `+${controller}`).join(' ');
  await writeFile(path.join(mount, 'cgroup.subtree_control'), line);
  await writeFile(path.join(mount, name, 'cgroup.subtree_control'), line);
}

/** Ids of all processes in the group and below it. */
export async function controlGroupProcesses(name: string): Promise<number[]> {
  const found = new Set<number>();
  for (const hierarchy of await hierarchies()) {
    for (const folder of await foldersBelow(path.join(hierarchy, name))) {
      const text = await readFile(path.join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (line !== '') found.add(Number(line));
    }
  }
  return [...found];
}

/** Kills every process of the group, until none is left. */
export async function killControlGroup(name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const processes = await controlGroupProcesses(name);
    if (processes.length === 0) return;
    for (const pid of processes) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await pause(attempt === 0 ? 10 : 50);
  }
  throw new Error(`Processes in the cgroup ${name} survive SIGKILL; look at ${mount}/*/${name}.`);
}

/** Removes the emptied group from every hierarchy. */
export async function removeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    for (const folder of await foldersBelow(path.join(hierarchy, name))) await removeFolder(folder);
  }
}

/** The kernel keeps a group busy for a moment after its last process has died. */
async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === 100) throw error;
      await pause(20);
    }
  }
}

/** The folder and all below it, the deepest first; empty when it does not exist. */
async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const children = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name));
  return [...(await Promise.all(children.map(foldersBelow))).flat(), folder];
}
