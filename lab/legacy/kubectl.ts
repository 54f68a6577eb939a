// kubectl bound to one cluster of the lab.

import path from 'node:path';
import { run } from '../commands.ts';
import type { CommandOptions, CommandResult } from '../commands.ts';
import type { LabCluster } from '../description.ts';

export class KubectlOf {
  readonly cluster: string;
  readonly kubeconfig: string;
  readonly #program: string;
  readonly #parameters: readonly string[];

  /** `cache`: folder of kubectl's discovery cache. The person's own would remember an earlier lab at the same address. */
  constructor(bin: string, cluster: LabCluster, cache: string) {
    this.cluster = cluster.name;
    this.kubeconfig = cluster.kubeconfig;
    this.#program = path.join(bin, 'kubectl');
    this.#parameters = [
      `--kubeconfig=${cluster.kubeconfig}`,
      `--context=${cluster.name}`,
      `--cache-dir=${cache}`,
    ];
  }

  /** @throws ExecaError with kubectl's words when it fails, unless `mayFail`. */
  run(parameters: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return run(this.#program, [...this.#parameters, ...parameters], options);
  }

  async read(parameters: readonly string[], options?: CommandOptions): Promise<string> {
    return (await this.run(parameters, options)).stdout;
  }
}
