// The user's cache folder of the lab: content-addressed folders that appear whole or not at all, and one lock for who fills them.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { execa } from 'execa';

const UNUSED_MILLISECONDS = 30 * 24 * 3600 * 1000;

/** `${XDG_CACHE_HOME:-~/.cache}/flux-handover/toolchain` */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'flux-handover', 'toolchain');
}

/** First 16 hex digits of SHA-256 over the parts; each part is length-prefixed, so that moving text between parts shows. */
export function stampOf(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part);
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Fills `folder` once: `fill` writes to a folder beside it, which is then renamed. A failure or a kill leaves nothing under the
 * final name. Call it with the lock held. Returns whether it had to be filled.
 */
export async function fillOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<boolean> {
  if (existsSync(folder)) return false;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await fill(partial);
  await rename(partial, folder);
  return true;
}

/** Notes that these folders are in use, by their time of modification: {@link tidyCache} keeps them. */
export async function markUsed(folders: string[]): Promise<void> {
  const now = new Date();
  await Promise.all(folders.map((folder) => utimes(folder, now, now)));
}

/** Removes what an interrupted build left and what no checkout has used for 30 days. Call it with the cache's lock held. */
export async function tidyCache(): Promise<void> {
  for (const entry of await readdir(cacheFolder(), { withFileTypes: true })) {
    const path = join(cacheFolder(), entry.name);
    const unused = entry.isDirectory() && Date.now() - (await stat(path)).mtimeMs > UNUSED_MILLISECONDS;
    if (entry.name.includes('.partial') || unused) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Runs `work` while no other process of this user fills the cache. The kernel's flock(2), held by a child that lives until our end
 * of its stdin closes: so it is let go however this process ends, `kill -9` included.
 */
export async function withCacheLock<T>(onWait: () => void, work: () => Promise<T>): Promise<T> {
  const file = join(cacheFolder(), 'lock');
  await mkdir(dirname(file), { recursive: true });
  const holder = execa('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdin: 'pipe',
    buffer: false,
    reject: false,
  });
  const waiting = setTimeout(onWait, 500);
  try {
    await Promise.race([
      once(holder.stdout, 'data'),
      holder.then((result) => {
        throw new Error(
          `cannot lock ${file} with flock (util-linux): ${result.message ?? 'it ended at once'}`,
        );
      }),
    ]);
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await holder;
  }
}
