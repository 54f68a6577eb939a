// Installs the legacy Flux on a cluster of the lab, in the shape it was raised with and by the commands a person would use.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './commands.ts';
import type { Lab, LabCluster } from './description.ts';
import { KubectlOf } from './legacy/kubectl.ts';
import { shapeOf } from './legacy/shapes.ts';
import type { Toolchain } from './toolchain/index.ts';

export interface LegacyInstall {
  readonly lab: Lab;
  readonly cluster: LabCluster;
  readonly toolchain: Toolchain;
  readonly onProgress?: (message: string) => void;
  /** Milliseconds until the whole installation has failed. @default 600_000 */
  readonly timeout?: number;
}

/**
 * Ends when every Flux object of the cluster is Ready. Every step can be run again.
 * @throws ExecaError with the words of kubectl, flux or sops, or an Error that lists what is not Ready.
 */
export async function installLegacy(install: LegacyInstall): Promise<void> {
  const { lab, cluster, toolchain, onProgress, timeout = 600_000 } = install;
  const scratch = await mkdtemp(path.join(tmpdir(), `flux-handover-${cluster.name}-`));
  try {
    const kubectl = new KubectlOf(toolchain.bin, cluster, path.join(scratch, 'kubectl'));
    const tree = path.join(scratch, 'home-ops');
    const from = ['--depth=1', `--branch=${cluster.name}`, `file://${lab.git.repository}`];
    await run('git', ['clone', '--quiet', ...from, tree]);
    const shape = shapeOf(lab, cluster.name);
    await shape.install({
      lab,
      cluster,
      toolchain,
      kubectl,
      folder: path.join(tree, shape.path(cluster.name)),
      scratch,
      settling: { timeout, ...(onProgress === undefined ? {} : { onProgress }) },
      say: (message) => onProgress?.(message),
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
