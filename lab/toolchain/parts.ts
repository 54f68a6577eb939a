// The parts of the toolchain in the order they are made, each with its place in the cache and how to make it.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { authorityFiles, makeAuthority } from './authority.ts';
import { buildGroup, placeGroup } from './build.ts';
import type { PlacedGroup } from './build.ts';
import { cacheFolder, stampOf } from './cache.ts';
import {
  copyOperatorConfig,
  placeFluxManifests,
  placeOperatorConfig,
  writeFluxManifests,
} from './flux-manifests.ts';
import type { Go } from './go.ts';
import { CONTROLLERS, TOOL_GROUPS } from './groups.ts';
import { placeImages, writeImages } from './images.ts';
import type { Toolchain } from './index.ts';
import { fetchTestServer, placeTestServer } from './java.ts';
import { fillRegistryStorage, placeRegistryStorage } from './registry-storage.ts';

export interface Part {
  /** What people read in the progress. */
  name: string;
  built: boolean;
  /** Wall seconds it usually takes on two cores with nothing cached. */
  expectedSeconds: number;
  make: () => Promise<void>;
}

export interface PlacedToolchain {
  toolchain: Toolchain;
  parts: Part[];
  /** Every folder of the cache that this checkout needs. */
  folders: string[];
  /** Paths of all binaries that the merged folder links to. */
  binaries: string[];
}

/** Computes where each part belongs; makes nothing, unless the CA is asked for. */
export async function placeToolchain(go: Go, options = { makeAuthority: false }): Promise<PlacedToolchain> {
  if (options.makeAuthority) await makeAuthority();
  const groups = await Promise.all(TOOL_GROUPS.map((group) => placeGroup(group, go)));
  const stampFor = (name: string): string =>
    basename(groups.find(({ group }) => group.name === name)?.folder ?? name);
  const groupBinaries = groups.flatMap(({ group, folder }) =>
    Object.keys(group.programs).map((name) => join(folder, 'bin', name)),
  );
  const testServer = await placeTestServer();
  const binaries = [...groupBinaries, join(testServer.folder, 'bin/temporal-test-server')];
  const bin = join(cacheFolder(), `bin-${stampOf(...binaries)}`);
  const operatorConfig = placeOperatorConfig();
  const fluxManifests = placeFluxManifests(stampFor('flux'));
  const authority = authorityFiles();
  // Without a CA yet this place is not the final one; ensureToolchain places all again once there is one.
  const authorityText = authority.made ? await readFile(authority.certificate, 'utf8') : '';
  const imageStamps = [...Object.keys(CONTROLLERS), 'flux-operator', 'coredns'].map(stampFor);
  const images = await placeImages([...imageStamps, basename(operatorConfig.folder)], authorityText);
  const storage = placeRegistryStorage(images.folder, stampFor('registry'));
  const places = [testServer, ...groups, operatorConfig, fluxManifests, images, storage];
  return {
    binaries,
    folders: [bin, dirname(authority.certificate), ...places.map(({ folder }) => folder)],
    toolchain: {
      bin,
      images: images.folder,
      fluxManifests: fluxManifests.folder,
      operatorConfig: operatorConfig.folder,
      registryStorage: storage.folder,
      authority: { certificate: authority.certificate, key: authority.key },
      java: { testServer: join(testServer.folder, 'bin/temporal-test-server') },
    },
    parts: [
      {
        name: 'temporal-test-server',
        ...testServer,
        expectedSeconds: 15,
        make: () => fetchTestServer(testServer.folder),
      },
      ...groups.map((placed) => groupPart(placed, go)),
      {
        name: 'operator config',
        built: operatorConfig.built,
        expectedSeconds: 2,
        make: () => copyOperatorConfig(operatorConfig.folder, go),
      },
      {
        name: 'Flux manifests',
        built: fluxManifests.built,
        expectedSeconds: 3,
        make: () => writeFluxManifests(fluxManifests.folder, join(bin, 'flux')),
      },
      {
        name: 'images',
        built: images.built,
        expectedSeconds: 15,
        make: () =>
          writeImages(images.folder, {
            bin,
            operatorConfig: operatorConfig.folder,
            authority: authorityText,
          }),
      },
      {
        name: 'registry content',
        built: storage.built,
        expectedSeconds: 25,
        make: () => fillRegistryStorage(storage.folder, images.folder, bin),
      },
    ],
  };
}

function groupPart(placed: PlacedGroup, go: Go): Part {
  const { name, expectedSeconds } = placed.group;
  return { name, built: placed.built, expectedSeconds, make: () => buildGroup(placed, go) };
}
