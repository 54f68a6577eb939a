// Removes what killed containers leave behind: mounts and the sockets of their shims.

import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../commands.ts';

/** Mount points below a folder, the deepest first. */
export async function mountsBelow(folder: string): Promise<string[]> {
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

/** containerd's shims listen in a folder of the machine that can not be configured; each bundle names its socket. */
export async function forgetShims(containerState: string): Promise<void> {
  const bundles = path.join(containerState, 'io.containerd.runtime.v2.task', 'k8s.io');
  for (const bundle of await readdir(bundles).catch(() => [])) {
    const address = await readFile(path.join(bundles, bundle, 'address'), 'utf8').catch(() => '');
    const socket = address.trim().replace(/^unix:\/\//, '');
    if (socket.startsWith('/run/containerd/s/')) await rm(socket, { force: true });
  }
}
