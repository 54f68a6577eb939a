// The folder of image tars in the cache, with an index of what they are called.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, fillOnce, stampOf } from './cache.ts';
import { writeImage } from './image.ts';
import { imageContents } from './image-contents.ts';
import type { ImageSources } from './image-contents.ts';

/** One row of `index.json` in the folder of images. */
export interface ImageIndexEntry {
  reference: string;
  /** File name inside the folder. */
  file: string;
}

const CODE = ['image.ts', 'image-contents.ts'].map((name) => join(import.meta.dirname, name));

/** `stamps`: what the binaries and data were built from. The CA and the code that lays out images count, too. */
export async function placeImages(
  stamps: string[],
  authority: string,
): Promise<{ folder: string; built: boolean }> {
  const code = await Promise.all(CODE.map((file) => readFile(file)));
  const folder = join(
    cacheFolder(),
    `images-${stampOf(...stamps, authority, await busyboxVersion(), ...code)}`,
  );
  return { folder, built: existsSync(folder) };
}

/** Writes every image as `<name>.tar` and `index.json`. Call it with the cache's lock held. */
export async function writeImages(
  folder: string,
  sources: Omit<ImageSources, 'busybox' | 'applets'>,
): Promise<void> {
  await fillOnce(folder, async (partial) => {
    const busybox = await busyboxPath();
    const applets = (await execa(busybox, ['--list'])).stdout
      .split('\n')
      .filter((name) => name !== '' && name !== 'busybox');
    const index: ImageIndexEntry[] = [];
    for (const content of imageContents({ ...sources, busybox, applets })) {
      const file = `${imageName(content.reference)}.tar`;
      await writeImage(content, join(partial, file), join(partial, 'scratch'));
      index.push({ reference: content.reference, file });
    }
    await writeFile(join(partial, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  });
}

export async function readImageIndex(folder: string): Promise<ImageIndexEntry[]> {
  return JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as ImageIndexEntry[];
}

/** `ghcr.io/fluxcd/source-controller:v1.9.3` → `source-controller` */
function imageName(reference: string): string {
  return /([^/:]+):[^/]+$/.exec(reference)?.[1] ?? reference;
}

async function busyboxPath(): Promise<string> {
  const listed = await execa('dpkg-query', ['-L', 'busybox-static'], { reject: false });
  const path = listed.stdout.split('\n').find((line) => line.endsWith('/bin/busybox'));
  if (path !== undefined && existsSync(path)) return path;
  throw new Error(
    'A statically linked busybox is needed for the demo image. On Debian: apt-get install busybox-static',
  );
}

async function busyboxVersion(): Promise<string> {
  const version = await execa('dpkg-query', ['-W', '-f=${Version}', 'busybox-static'], { reject: false });
  return version.stdout;
}
