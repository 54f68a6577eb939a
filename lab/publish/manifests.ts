// Pushes two OCI artifacts: the install manifests that a self-managed Flux syncs, and those that Flux Operator builds from.

import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../commands.ts';
import { FLUX_OPERATOR_VERSION, FLUX_VERSION } from '../toolchain/index.ts';
import type { Publication } from './registry-content.ts';
import { splitReference, trustingEnvironment } from './registry.ts';
import { stampFolders } from './stamp.ts';

const fluxVersion = `v${FLUX_VERSION}`;
const operatorVersion = `v${FLUX_OPERATOR_VERSION}`;

/** `flux-manifests` as upstream's release makes it, but with the four controllers alone that the lab has images of. */
export async function publishFluxManifests(publication: Publication): Promise<void> {
  const reference = `ghcr.io/fluxcd/flux-manifests:${fluxVersion}`;
  const folder = path.join(publication.toolchain.fluxManifests, 'controllers');
  const source = await stampFolders([folder]);
  await publication.ledger.once(reference, source, async () => {
    publication.onProgress?.(reference);
    await pushArtifact(publication, reference, folder, {
      source: 'https://github.com/fluxcd/flux2.git',
      revision: `${fluxVersion}@sha1:${source.slice(0, 40)}`,
    });
  });
}

/**
 * The operator's manifests of one minor version, without lists of image digests: the lab's images are built here, so that
 * upstream's digests name nothing in its registry.
 */
export async function publishOperatorManifests(publication: Publication): Promise<void> {
  const { toolchain, ledger, scratch } = publication;
  const data = path.join(toolchain.operatorConfig, 'data');
  const minor = fluxVersion.slice(0, fluxVersion.lastIndexOf('.') + 1);
  const versions = (await readdir(path.join(data, 'flux')))
    .filter((name) => name.startsWith(minor))
    .toSorted();
  const source = await stampFolders(
    versions.map((version) => path.join(data, 'flux', version)),
    ...versions,
  );
  for (const tag of [operatorVersion, 'latest']) {
    const reference = `ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:${tag}`;
    await ledger.once(reference, source, async () => {
      publication.onProgress?.(reference);
      const folder = path.join(scratch, `operator-manifests-${tag}`);
      for (const version of versions) {
        await cp(path.join(data, 'flux', version), path.join(folder, 'flux', version), { recursive: true });
      }
      await mkdir(path.join(folder, 'flux-images'));
      await cp(path.join(data, 'flux-images/VERSION'), path.join(folder, 'flux-images/VERSION'));
      await run('chmod', ['-R', 'u+w', folder]);
      await pushArtifact(publication, reference, folder, {
        source: 'https://github.com/controlplaneio-fluxcd/distribution.git',
        revision: `${operatorVersion}@sha1:${source.slice(0, 40)}`,
      });
    });
  }
}

async function pushArtifact(
  publication: Publication,
  reference: string,
  folder: string,
  origin: { source: string; revision: string },
): Promise<void> {
  const { repository, tag } = splitReference(reference);
  const target = `oci://${publication.address}/${repository}:${tag}`;
  const described = [`--source=${origin.source}`, `--revision=${origin.revision}`];
  await run(
    path.join(publication.toolchain.bin, 'flux'),
    ['push', 'artifact', target, `--path=${folder}`, ...described],
    { environment: { HOME: publication.scratch, ...trustingEnvironment(publication, publication.scratch) } },
  );
}
