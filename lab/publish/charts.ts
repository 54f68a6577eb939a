// Packs the charts of lab/charts and pushes them; what a chart only wraps (definitions, manifests) comes from the operator's own module.

import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { run } from '../commands.ts';
import type { Publication } from './registry-content.ts';
import { FLUX_VERSION } from '../toolchain/index.ts';
import { trustingEnvironment } from './registry.ts';
import { stampFolders } from './stamp.ts';

const chartsFolder = path.join(import.meta.dirname, '../charts');

/** Chart folder → repository that holds it, without the registry's name. */
const repositories: Readonly<Record<string, string>> = {
  'flux-operator': 'controlplaneio-fluxcd/charts',
  'flux-instance': 'controlplaneio-fluxcd/charts',
  flux2: 'fluxcd-community/charts',
  demo: 'haynes/charts',
};

/** Folder of the operator module's `config/` → folder of the chart in which its templates look for it. */
const additions: Readonly<Record<string, readonly [string, string]>> = {
  'flux-operator': ['crd/bases', 'definitions'],
  flux2: [`data/flux/v${FLUX_VERSION}`, 'manifests'],
};

export async function publishCharts(publication: Publication): Promise<void> {
  for (const [name, repository] of Object.entries(repositories)) {
    await publishChart(publication, name, repository);
  }
}

async function publishChart(publication: Publication, name: string, repository: string): Promise<void> {
  const { toolchain, ledger, address, caFile, scratch } = publication;
  const source = path.join(chartsFolder, name);
  const [from, into] = additions[name] ?? ['', ''];
  const added = from === '' ? [] : [path.join(toolchain.operatorConfig, from)];
  const { version } = parse(await readFile(path.join(source, 'Chart.yaml'), 'utf8')) as { version: string };
  const reference = `ghcr.io/${repository}/${name}:${version}`;
  await ledger.once(reference, await stampFolders([source, ...added]), async () => {
    publication.onProgress?.(reference);
    const packed = path.join(scratch, 'charts');
    await mkdir(packed, { recursive: true });
    const chart = await assembleChart(source, added, path.join(scratch, name), into);
    const helm = path.join(toolchain.bin, 'helm');
    const environment = trustingEnvironment(publication, scratch);
    await run(helm, ['package', chart, '--destination', packed], { environment });
    const archive = path.join(packed, `${name}-${version}.tgz`);
    await run(helm, ['push', archive, `oci://${address}/${repository}`, '--ca-file', caFile], {
      environment,
    });
  });
}

/** Copies a chart to `target`, and the added folders into its folder `into`. */
async function assembleChart(
  source: string,
  added: readonly string[],
  target: string,
  into: string,
): Promise<string> {
  await cp(source, target, { recursive: true });
  for (const folder of added) await cp(folder, path.join(target, into), { recursive: true });
  // Module caches are read-only; a later copy over these files, and their removal, must work.
  await run('chmod', ['-R', 'u+w', target]);
  return target;
}
