// What the lab takes from upstream as data, into the cache: Flux's install manifests and the operator's own config.
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { moduleFolder } from './build.ts';
import { cacheFolder, fillOnce, stampOf } from './cache.ts';
import type { Go } from './go.ts';
import { FLUX_OPERATOR_MODULE, FLUX_OPERATOR_VERSION } from './groups.ts';

/** The flags with which upstream's release makes the artifact `ghcr.io/fluxcd/flux-manifests`. */
const EXPORTS = {
  all: ['--components-extra=image-reflector-controller,image-automation-controller,source-watcher'],
  controllers: [],
};

export function placeFluxManifests(fluxStamp: string): { folder: string; built: boolean } {
  const folder = join(cacheFolder(), `flux-manifests-${stampOf(fluxStamp, JSON.stringify(EXPORTS))}`);
  return { folder, built: existsSync(folder) };
}

/**
 * Writes `all/gotk-components.yaml`, the content of upstream's artifact, and `controllers/gotk-components.yaml`, the same for the four
 * controllers that the lab can run. Call it with the cache's lock held.
 */
export async function writeFluxManifests(folder: string, flux: string): Promise<void> {
  await fillOnce(folder, async (partial) => {
    for (const [name, flags] of Object.entries(EXPORTS)) {
      const rendered = await execa(flux, ['install', '--registry=ghcr.io/fluxcd', ...flags, '--export']);
      await mkdir(join(partial, name));
      await writeFile(join(partial, name, 'gotk-components.yaml'), `${rendered.stdout}\n`);
    }
  });
}

export function placeOperatorConfig(): { folder: string; built: boolean } {
  const folder = join(cacheFolder(), `flux-operator-config-${FLUX_OPERATOR_VERSION}`);
  return { folder, built: existsSync(folder) };
}

/** Copies the module's `config/` out of Go's module cache, which people clean. Call it with the cache's lock held. */
export async function copyOperatorConfig(folder: string, go: Go): Promise<void> {
  await fillOnce(folder, async (partial) => {
    const module = await moduleFolder('flux-operator', FLUX_OPERATOR_MODULE, go);
    await cp(join(module, 'config'), partial, { recursive: true });
    // The module cache is read-only; the copy has to be removable.
    await execa('chmod', ['-R', 'u+w', partial]);
  });
}
