// The registry's storage folder with every image in it, made once, so that raising a lab pushes nothing.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { cacheFolder, fillOnce, stampOf } from './cache.ts';
import { readImageIndex } from './images.ts';
import { freePort } from '../network/free-port.ts';

/** Where distribution keeps blobs and repositories, below its `rootdirectory`. */
const CONTENT = 'docker/registry/v2';

export function placeRegistryStorage(
  imagesFolder: string,
  registryStamp: string,
): { folder: string; built: boolean } {
  const folder = join(cacheFolder(), `registry-storage-${stampOf(basename(imagesFolder), registryStamp)}`);
  return { folder, built: existsSync(folder) };
}

/** Starts the registry on loopback, pushes every image with crane, stops it. Call it with the cache's lock held. */
export async function fillRegistryStorage(folder: string, imagesFolder: string, bin: string): Promise<void> {
  await fillOnce(folder, async (partial) => {
    const address = `127.0.0.1:${await freePort()}`;
    const configuration = `${partial}.yaml.partial`;
    await writeFile(configuration, registryConfiguration(partial, address));
    const registry = execa(join(bin, 'registry'), ['serve', configuration], {
      // Without this it looks for an OpenTelemetry collector.
      env: { OTEL_TRACES_EXPORTER: 'none' },
      all: true,
      reject: false,
    });
    try {
      await answering(`http://${address}/v2/`, registry);
      for (const { reference, file } of await readImageIndex(imagesFolder)) {
        const path = reference.slice(reference.indexOf('/') + 1);
        await execa(join(bin, 'crane'), [
          'push',
          '--insecure',
          join(imagesFolder, file),
          `${address}/${path}`,
        ]);
      }
    } finally {
      registry.kill('SIGTERM');
      await registry;
      await rm(configuration);
    }
  });
}

/**
 * Gives a lab its own registry storage in about a tenth of a second: blobs are hard links, since distribution only ever renames them into
 * place; the small files of repositories are copies, since it rewrites those in place.
 */
export async function copyRegistryStorage(storage: string, target: string): Promise<void> {
  await mkdir(join(target, CONTENT), { recursive: true });
  const blobs = join(storage, CONTENT, 'blobs');
  // Hard links need the same file system; elsewhere it is a copy.
  const linked = await execa('cp', ['-a', '-l', blobs, join(target, CONTENT)], { reject: false });
  if (linked.failed) await cp(blobs, join(target, CONTENT, 'blobs'), { recursive: true, force: true });
  await execa('cp', ['-a', join(storage, CONTENT, 'repositories'), join(target, CONTENT)]);
}

function registryConfiguration(rootDirectory: string, address: string): string {
  return JSON.stringify({
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: rootDirectory } },
    http: { addr: address },
  });
}

async function answering(url: string, registry: PromiseLike<{ all?: string }>): Promise<void> {
  let ended: string | undefined;
  void registry.then((result) => (ended = result.all ?? ''));
  for (let attempt = 0; attempt < 200; attempt++) {
    if (ended !== undefined) throw new Error(`the registry ended at its start:\n${ended}`);
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error(`the registry does not answer at ${url} after 10 s`);
}
