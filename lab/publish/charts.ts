// Packs the charts of lab/charts and pushes them; the operator's chart receives its definitions from the operator's own module.

import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { run } from '../commands.ts';
import type { Publication } from './registry-content.ts';
import { trustingEnvironment } from './registry.ts';
import { stampFolders } from './stamp.ts';

const chartsFolder = path.join(import.meta.dirname, '../charts');

/** Chart folder → repository that holds it, without the registry's name. */
const repositories: Readonly<Record<string, string>> = {
  'flux-operator': 'controlplaneio-fluxcd/charts',
  'flux-instance': 'controlplaneio-fluxcd/charts',
  demo: 'haynes/charts',
};

export async function publishCharts(publication: Publication): Promise<void> {
  for (const [name, repository] of Object.entries(repositories)) {
    await publishChart(publication, name, repository);
  }
}

async function publishChart(publication: Publication, name: string, repository: string): Promise<void> {
  const { toolchain, ledger, address, caFile, scratch } = publication;
  const source = path.join(chartsFolder, name);
  const definitions = name === 'flux-operator' ? [path.join(toolchain.operatorConfig, 'crd/bases')] : [];
  const { version } = parse(await readFile(path.join(source, 'Chart.yaml'), 'utf8')) as { version: string };
  const reference = `ghcr.io/${repository}/${name}:${version}`;
  await ledger.once(reference, await stampFolders([source, ...definitions]), async () => {
    publication.onProgress?.(reference);
    const packed = path.join(scratch, 'charts');
    await mkdir(packed, { recursive: true });
    const chart = await assembleChart(source, definitions, path.join(scratch, name));
    const helm = path.join(toolchain.bin, 'helm');
    const environment = trustingEnvironment(publication, scratch);
    await run(helm, ['package', chart, '--destination', packed], { environment });
    const archive = path.join(packed, `${name}-${version}.tgz`);
    await run(helm, ['push', archive, `oci://${address}/${repository}`, '--ca-file', caFile], {
      environment,
    });
  });
}

/** Copies a chart to `target` with the definitions in its folder `definitions/`, where its template looks for them. */
async function assembleChart(
  source: string,
  definitions: readonly string[],
  target: string,
): Promise<string> {
  await cp(source, target, { recursive: true });
  for (const folder of definitions) {
    await cp(folder, path.join(target, 'definitions'), { recursive: true });
  }
  // Module caches are read-only; a later copy over these files, and their removal, must work.
  await run('chmod', ['-R', 'u+w', target]);
  return target;
}
