// Removes what killed containers leave behind: mounts and the sockets of their shims.

import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { run } from '../commands.ts';

/** Mount points below a folder, the deepest first. */
async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => decodePath(line.split(' ')[4] ?? ''));
  return points
    .filter((point) => point.startsWith(`${folder}/`))
    .toSorted((left, right) => right.length - left.length);
}

/** The kernel writes blanks and backslashes in paths as octal numbers, such as \040. */
function decodePath(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Unmounts everything below a folder, also mounts on top of each other. */
export async function unmountBelow(folder: string): Promise<void> {
  for (let points = await mountsBelow(folder); points.length > 0; points = await mountsBelow(folder)) {
    // Lazily: a mount that some dying process still holds goes when the process does.
    await run('umount', ['--lazy', ...new Set(points)]);
  }
}

const podLogLinks = '/var/log/containers';
const networkResults = '/var/lib/cni/results';
const shimSockets = '/run/containerd/s';

/**
 * kubelet, CNI and containerd's shims keep a few files in places of the machine that can not be configured. Removed are
 * the results of networks whose name begins with `network`, links to logs below `folder`, and sockets of dead shims.
 */
export async function removeMachineFiles(network: string, folder: string): Promise<void> {
  for (const name of await list(networkResults)) {
    if (name.startsWith(`${network}-`)) await rm(path.join(networkResults, name), { force: true });
  }
  for (const name of await list(podLogLinks)) {
    const link = path.join(podLogLinks, name);
    const target = await readlink(link).catch(() => '');
    if (target.startsWith(`${folder}/`)) await rm(link, { force: true });
  }
  for (const name of await list(shimSockets)) {
    const socket = path.join(shimSockets, name);
    if (!(await isListening(socket))) await rm(socket, { force: true });
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
