// Everything the lab is made of, from the user's cache: built, fetched or installed only where it is missing.
import { mkdir, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { markUsed, tidyCache, withCacheLock } from './cache.ts';
import { ensureJava } from './java.ts';
import { findGo } from './go.ts';
import { installPackages, LAB_PACKAGES } from './packages.ts';
import { placeToolchain } from './parts.ts';
import type { PlacedToolchain } from './parts.ts';
import { runParts } from './progress.ts';

/** Absolute paths; nothing in these folders is to be changed. */
export interface Toolchain {
  /** Links to every binary: kube-apiserver … kubectl, etcd, registry, crane, flux, flux-operator, helm, sops, age-keygen, temporal. */
  bin: string;
  /** docker-archive tars and `index.json`, an array of `{reference, file}`. */
  images: string;
  /** `all/gotk-components.yaml` (as upstream's artifact) and `controllers/gotk-components.yaml` (the four that the lab runs). */
  fluxManifests: string;
  /** The operator module's `config/`: CRDs, RBAC, manager, data. */
  operatorConfig: string;
  /** The registry's storage with every image, for {@link copyRegistryStorage}. */
  registryStorage: string;
  /** The lab's CA, PEM files; the images trust it. */
  authority: { certificate: string; key: string };
  java: {
    /** Executable that starts Temporal's time-skipping test server. */
    testServer: string;
  };
}

export { copyRegistryStorage } from './registry-storage.ts';
export { FLUX_OPERATOR_VERSION, FLUX_VERSION } from './groups.ts';

/**
 * Under a second when all is there; about 20 minutes on two cores when nothing is. Two checkouts do not build at the same time: the
 * second waits, and then finds it done.
 * @param onProgress one line for people about what is done now, again every 20 s while it lasts
 * @throws naming what is missing and how to install it, or with the end of the compiler's output
 */
export async function ensureToolchain(onProgress: (message: string) => void = () => {}): Promise<Toolchain> {
  await installPackages(LAB_PACKAGES, onProgress);
  const go = await findGo();
  let placed = await placeToolchain(go);
  await ensureJava(
    placed.parts.some((part) => part.name === 'temporal-test-server' && !part.built),
    onProgress,
  );
  if (!complete(placed))
    await withCacheLock(
      () => onProgress('waiting: another process builds the lab’s tools'),
      async () => {
        await markUsed(placed.folders.filter((folder) => existsSync(folder)));
        await tidyCache();
        // The authority decides the images' stamp, so it comes before all places are known.
        placed = await placeToolchain(go, { makeAuthority: true });
        await runParts(placed.parts, onProgress, () => linkBinaries(placed));
      },
    );
  await markUsed(placed.folders);
  return placed.toolchain;
}

function complete({ parts, binaries, toolchain }: PlacedToolchain): boolean {
  return (
    parts.every((part) => part.built) &&
    binaries.every((file) => existsSync(join(toolchain.bin, basename(file))))
  );
}

/** (Re)makes the merged folder from the groups that are built; called after each, for later parts run binaries of earlier ones. */
async function linkBinaries({ toolchain, binaries }: PlacedToolchain): Promise<void> {
  await mkdir(toolchain.bin, { recursive: true });
  for (const file of binaries) {
    if (!existsSync(file)) continue;
    const link = join(toolchain.bin, basename(file));
    await rm(link, { force: true });
    await symlink(file, link);
  }
}
