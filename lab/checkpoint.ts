// Saves the state of the lab's clusters and its Git server under a name, and puts it back.

import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './commands.ts';
import { clusterLayout, type ClusterLayout } from './cluster/layout.ts';
import { halt, resume } from './cluster/interruption.ts';
import { stopPrograms, type ClusterMeans } from './cluster/lifecycle.ts';
import { labDirectory, readLab } from './description.ts';
import { requireIdentity } from './network/identity.ts';
import { registryNames } from './services/registry.ts';
import { readRefs, restoreRefs, setRef } from './services/git-repository.ts';

const checkpointsFolder = path.join(labDirectory, 'checkpoints');

function checkpointFolder(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    throw new Error(
      `"${name}" is no name for a checkpoint: use lower-case letters, digits, dots and hyphens.`,
    );
  }
  return path.join(checkpointsFolder, name);
}

/** Names of all checkpoints. */
export async function listCheckpoints(): Promise<string[]> {
  const entries = await readdir(checkpointsFolder).catch(() => []);
  return entries.filter((name) => !name.endsWith('.partial')).toSorted();
}

/** What of a cluster's folder makes up its state. */
const stateEntries = ['etcd', 'volumes', 'legacy-installed', 'ready-pods.json'];

/** Stops the clusters, copies their state and notes all Git refs and registry tags, starts them again. Replaces a checkpoint of that name. */
export async function save(name: string): Promise<void> {
  const { means, layouts } = await fleet();
  const folder = checkpointFolder(name);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await Promise.all(layouts.map((layout) => halt(layout, means.bin)));
  await writeFile(path.join(partial, 'refs'), await readRefs());
  await copy(registryNames, path.join(partial, 'registry-names'));
  for (const layout of layouts) {
    const target = path.join(partial, 'clusters', layout.name);
    await mkdir(target, { recursive: true });
    await copyEntries(layout.directory, target);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  await Promise.all(layouts.map((layout) => resume(layout, means)));
}

/**
 * Puts clusters, Git refs and registry tags back as they were; ends when the pods that were Ready then are Ready again.
 * @throws Error that lists the checkpoints there are.
 */
export async function restore(name: string): Promise<void> {
  const { means, layouts } = await fleet();
  const folder = checkpointFolder(name);
  const refs = await savedRefs(name);
  const saved = await readdir(path.join(folder, 'clusters'));
  const chosen = layouts.filter((layout) => saved.includes(layout.name));
  await Promise.all(chosen.map(stopPrograms));
  await restoreRefs(refs);
  await rm(registryNames, { recursive: true, force: true });
  await copy(path.join(folder, 'registry-names'), registryNames);
  for (const layout of chosen) {
    for (const entry of stateEntries)
      await rm(path.join(layout.directory, entry), { recursive: true, force: true });
    await copyEntries(path.join(folder, 'clusters', layout.name), layout.directory);
  }
  await Promise.all(chosen.map((layout) => resume(layout, means)));
}

/**
 * Puts one cluster and the branch of its name back, beside others that go on; the registry stays as it is.
 * @throws Error that lists the checkpoints there are.
 */
export async function restoreCluster(name: string, cluster: string): Promise<void> {
  const { means, layouts } = await fleet();
  const layout = layouts.find((each) => each.name === cluster);
  if (layout === undefined) throw new Error(`The fleet has no cluster ${cluster}.`);
  const branch = (await savedRefs(name))
    .split('\n')
    .find((line) => line.startsWith(`refs/heads/${cluster} `));
  if (branch === undefined) throw new Error(`The checkpoint "${name}" has no branch ${cluster}.`);
  await stopPrograms(layout);
  await setRef(branch);
  for (const entry of stateEntries)
    await rm(path.join(layout.directory, entry), { recursive: true, force: true });
  await copyEntries(path.join(checkpointFolder(name), 'clusters', cluster), layout.directory);
  await resume(layout, means);
}

async function savedRefs(name: string): Promise<string> {
  const refs = await readFile(path.join(checkpointFolder(name), 'refs'), 'utf8').catch(() => undefined);
  if (refs !== undefined) return refs;
  const names = (await listCheckpoints()).join(', ') || 'none';
  throw new Error(`There is no checkpoint "${name}"; saved are: ${names}.`);
}

async function fleet(): Promise<{ means: ClusterMeans; layouts: ClusterLayout[] }> {
  const lab = await readLab();
  const identity = await requireIdentity();
  const means = { identity, bin: lab.bin, registry: lab.registry };
  return { means, layouts: lab.clusters.map(({ name }) => clusterLayout(identity, name)) };
}

async function copyEntries(from: string, to: string): Promise<void> {
  for (const entry of stateEntries) {
    const source = path.join(from, entry);
    const present = await access(source).then(
      () => true,
      () => false,
    );
    if (present) await copy(source, path.join(to, entry));
  }
}

/** Shares blocks where the file system can. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['--archive', '--reflink=auto', from, to]);
}
