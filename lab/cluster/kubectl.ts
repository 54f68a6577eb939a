// kubectl on a cluster of the lab, as its administrator.

import path from 'node:path';
import { run, type CommandOptions, type CommandResult } from '../commands.ts';
import { labDirectory, type LabCluster } from '../description.ts';

/** @throws ExecaError with kubectl's words, unless `mayFail`. */
export function kubectl(
  cluster: Pick<LabCluster, 'name' | 'kubeconfig'>,
  bin: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  // A cache of its own: a cluster of an earlier lab had the same address, and perhaps other resources.
  const cache = path.join(labDirectory, 'clusters', cluster.name, 'kubectl-cache');
  const fixed = [`--kubeconfig=${cluster.kubeconfig}`, `--cache-dir=${cache}`];
  return run(path.join(bin, 'kubectl'), [...fixed, ...parameters], options);
}
