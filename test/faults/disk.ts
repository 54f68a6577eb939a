/** A small disk for what a worker writes (cache, temporary files, evidence), which can be filled and emptied again. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../lab/commands.ts';

export interface SmallDisk {
  readonly folder: string;
  fill(): Promise<void>;
  empty(): Promise<void>;
  unmount(): Promise<void>;
}

/** Megabytes: the mirror of the lab's repository, builds and evidence of many runs fit well. */
const size = 256;

export async function mountDisk(folder: string): Promise<SmallDisk> {
  const ballast = path.join(folder, 'ballast');
  await run('umount', ['--lazy', folder], { mayFail: true });
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=700`, 'fault-matrix', folder]);
  for (const name of ['cache', 'tmp', 'evidence']) await mkdir(path.join(folder, name));
  return {
    folder,
    async fill() {
      // Both end with "no space left": the second fills what is smaller than a block of the first.
      await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { mayFail: true });
      await run('dd', ['if=/dev/zero', `of=${ballast}.rest`, 'bs=4k'], { mayFail: true });
    },
    async empty() {
      await rm(ballast, { force: true });
      await rm(`${ballast}.rest`, { force: true });
    },
    async unmount() {
      await run('umount', ['--lazy', folder], { mayFail: true });
    },
  };
}
