// Adds to the lab's registry, which holds the images already: charts, Flux's manifests and the operator's, under their upstream names.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { labDirectory } from '../description.ts';
import type { Toolchain } from '../toolchain/index.ts';
import { publishCharts } from './charts.ts';
import { Ledger } from './ledger.ts';
import { publishFluxManifests, publishOperatorManifests } from './manifests.ts';
import type { RegistryAccess } from './registry.ts';

export interface RegistryTarget extends RegistryAccess {
  readonly toolchain: Toolchain;
  /** Called with the name of each thing before it is pushed. */
  readonly onProgress?: (message: string) => void;
}

/** What every part of publishing works with. */
export interface Publication extends RegistryTarget {
  readonly ledger: Ledger;
  /** Empty folder of this run. */
  readonly scratch: string;
}

/**
 * Pushes what the registry lacks. Idempotent; about 0.1 s when nothing changed.
 * @throws with the program's own words when packing or pushing fails.
 */
export async function publishRegistryContent(target: RegistryTarget): Promise<void> {
  const ledger = await Ledger.open(path.join(labDirectory, 'registry-content.json'), target);
  const scratch = await mkdtemp(path.join(tmpdir(), 'flux-handover-publish-'));
  try {
    const publication: Publication = { ...target, ledger, scratch };
    await Promise.all([
      publishFluxManifests(publication),
      publishCharts(publication),
      publishOperatorManifests(publication),
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
