// Tests of the cache: folders appear whole or not at all, and one process at a time fills them.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder, fillOnce, markUsed, stampOf, tidyCache, withCacheLock } from './cache.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'toolchain-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

test('the cache follows XDG_CACHE_HOME', () => {
  expect(cacheFolder()).toBe(join(home, 'flux-handover/toolchain'));
});

test('a stamp tells where one part ends and the next begins', () => {
  expect(stampOf('ab', 'c')).not.toBe(stampOf('a', 'bc'));
  expect(stampOf('ab', 'c')).toBe(stampOf(Buffer.from('ab'), 'c'));
});

test('a folder that could not be filled does not appear, and is filled the next time', async () => {
  const folder = join(cacheFolder(), 'part-1');
  await expect(fillOnce(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(folder)).toBe(false);
  expect(await fillOnce(folder, (partial) => writeFile(join(partial, 'file'), 'text'))).toBe(true);
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('text');
  expect(await fillOnce(folder, () => Promise.reject(new Error('filled twice')))).toBe(false);
});

test('what an interrupted build left and what was long unused goes, what is in use stays', async () => {
  const folder = (name: string) => join(cacheFolder(), name);
  for (const name of ['old', 'used', 'new', 'half.partial']) await mkdir(folder(name), { recursive: true });
  const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  for (const name of ['old', 'used']) await utimes(folder(name), longAgo, longAgo);
  await markUsed([folder('used')]);
  await tidyCache();
  expect((await readdir(cacheFolder())).sort()).toEqual(['new', 'used']);
});

test('the second holder of the lock waits for the first, and is told so', async () => {
  const events: string[] = [];
  const first = withCacheLock(
    () => {},
    async () => {
      events.push('first begins');
      await sleep(900);
      events.push('first ends');
    },
  );
  await sleep(100);
  await withCacheLock(
    () => events.push('second waits'),
    async () => void events.push('second'),
  );
  await first;
  expect(events).toEqual(['first begins', 'second waits', 'first ends', 'second']);
});

test('the lock is let go when the work fails', async () => {
  await expect(
    withCacheLock(
      () => {},
      () => Promise.reject(new Error('broken')),
    ),
  ).rejects.toThrow('broken');
  expect(
    await withCacheLock(
      () => {},
      () => Promise.resolve('free'),
    ),
  ).toBe('free');
});
