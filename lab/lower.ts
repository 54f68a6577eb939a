// Removes the lab of this checkout from the machine: processes, pods, mounts, cgroups, links, namespaces, files.

import { readdir, readFile, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { run } from './commands.ts';
import { controlGroupNames, killControlGroup, removeControlGroup } from './cluster/control-groups.ts';
import { halt } from './cluster/interruption.ts';
import { clusterLayout, socketDirectory } from './cluster/layout.ts';
import { removeMachineFiles, unmountBelow } from './cluster/leftovers.ts';
import { stopPrograms } from './cluster/lifecycle.ts';
import { labDirectory, readLab } from './description.ts';
import { removeBridge } from './network/bridge.ts';
import { holderOfNumber, ownNumbers, readIdentity, type LabIdentity } from './network/identity.ts';
import { namespaceNames, removeNodeNamespace } from './network/node-namespace.ts';
import { killMarked } from './process-marks.ts';

/**
 * Works on a lab in any state, also one whose raising was cut off or whose folder was deleted.
 * Files stay out of it only with `keepData` (the next `raiseLab` goes on from them); logs always stay.
 */
export async function removeLab({ keepData }: { keepData: boolean }): Promise<void> {
  const recorded = await readIdentity();
  if (recorded !== undefined && keepData) await haltClusters(recorded);
  await killMarked(() => true);
  const identities = (await ownNumbers()).map((number) => ({ id: `fh${number}`, number, slots: {} }));
  if (recorded !== undefined && (await holderOfNumber(recorded.number)) !== 'another')
    identities.push(recorded);
  for (const identity of identities) await removeNames(identity, recorded);
  await unmountBelow(labDirectory);
  await tidyMachine();
  if (!keepData) await removeFiles();
}

/** In good order: etcd's data is to be used again. A lab that was cut off in its raising has no description yet. */
async function haltClusters(identity: LabIdentity): Promise<void> {
  const bin = await readLab().then(
    (lab) => lab.bin,
    () => undefined,
  );
  const layouts = Object.keys(identity.slots).map((name) => clusterLayout(identity, name));
  await Promise.all(layouts.map((layout) => (bin === undefined ? stopPrograms(layout) : halt(layout, bin))));
}

async function removeNames(identity: LabIdentity, recorded: LabIdentity | undefined): Promise<void> {
  const own = (name: string) => name.startsWith(`${identity.id}-`);
  const groups = (await controlGroupNames()).filter(own);
  await Promise.all(groups.map(killControlGroup));
  // A shim or a kubelet may have started one more process just before it was killed itself.
  await killMarked(() => true);
  if (recorded !== undefined && recorded.number === identity.number) {
    await Promise.all(Object.keys(recorded.slots).map((name) => stopPrograms(clusterLayout(recorded, name))));
  }
  await Promise.all(groups.map(removeControlGroup));
  for (const netns of (await namespaceNames()).filter(own)) await removeNodeNamespace(netns);
  for (const link of await linksOf(identity))
    await run('ip', ['link', 'delete', 'dev', link], { mayFail: true });
  await removeMachineFiles(identity.id, labDirectory);
  await removeBridge(identity);
  await rm(socketDirectory(identity), { recursive: true, force: true });
}

/** What is still plugged into the lab's bridge. */
async function linksOf(identity: LabIdentity): Promise<string[]> {
  const shown = await run('ip', ['-json', 'link', 'show', 'master', identity.id], { mayFail: true });
  if (shown.failed || shown.stdout === '') return [];
  return (JSON.parse(shown.stdout) as { ifname?: string }[]).flatMap(({ ifname }) => ifname ?? []);
}

/** Folders that kubelet, containerd and `ip netns` make at fixed places: removed when nobody uses them any more. */
async function tidyMachine(): Promise<void> {
  const deviceSocket = '/var/lib/kubelet/device-plugins/kubelet.sock';
  if (!(await kubeletRuns())) {
    await unlink(deviceSocket).catch(() => undefined);
    await removeEmpty('/var/lib/kubelet/device-plugins', '/var/lib/kubelet');
  }
  await removeEmpty(
    '/var/log/containers',
    '/var/lib/cni/results',
    '/var/lib/cni',
    '/run/containerd/s',
    '/run/containerd',
  );
  if ((await namespaceNames()).length === 0) await run('umount', ['/run/netns'], { mayFail: true });
}

/** Of whatever lab or installation: they all share one socket for device plugins. */
async function kubeletRuns(): Promise<boolean> {
  const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const names = await Promise.all(
    processes.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  );
  return names.includes('kubelet\n');
}

async function removeEmpty(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}

async function removeFiles(): Promise<void> {
  const kept = ['logs', 'lock'];
  const entries = await readdir(labDirectory).catch(() => []);
  const doomed = entries.filter((entry) => !kept.includes(entry));
  await Promise.all(
    doomed.map((entry) => rm(path.join(labDirectory, entry), { recursive: true, force: true })),
  );
}
