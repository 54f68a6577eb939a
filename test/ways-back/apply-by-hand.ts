/** Applies the folder of a legacy install as its owner does: `kubectl apply --kustomize` on a clone of the branch. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { makeInstallBase } from '../../lab/legacy/install-base.ts';
import { ensureToolchain } from '../../lab/toolchain/index.ts';

export class ApplyByHand {
  readonly #lab: Lab;
  readonly #cluster: string;
  readonly #folder: string;
  #scratch: string | undefined;

  constructor(lab: Lab, cluster: string, folder: string) {
    this.#lab = lab;
    this.#cluster = cluster;
    this.#folder = folder;
  }

  /** Applies what the branch holds now. @returns kubectl's lines about objects that it changed */
  async apply(): Promise<string[]> {
    const scratch = (this.#scratch ??= await this.#makeScratch());
    const clone = path.join(scratch, 'clone');
    await rm(clone, { recursive: true, force: true });
    const branch = ['--depth=1', `--branch=${this.#cluster}`];
    await execa('git', ['clone', '--quiet', ...branch, `file://${this.#lab.git.repository}`, clone], {
      env: { GIT_CONFIG_GLOBAL: '/dev/null' },
    });
    const { stdout } = await execa(
      path.join(this.#lab.bin, 'kubectl'),
      ['apply', '--kustomize', path.join(clone, this.#folder)],
      {
        env: {
          KUBECONFIG: clusterOf(this.#lab, this.#cluster).kubeconfig,
          // The remote base on GitHub is served from this machine.
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: `url.file://${path.join(scratch, 'mirrors')}/.insteadOf`,
          GIT_CONFIG_VALUE_0: 'https://github.com/',
        },
      },
    );
    return stdout
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith(' unchanged'))
      .toSorted();
  }

  async end(): Promise<void> {
    if (this.#scratch) await rm(this.#scratch, { recursive: true, force: true });
  }

  async #makeScratch(): Promise<string> {
    const scratch = await mkdtemp(path.join(tmpdir(), 'by-hand-'));
    const { operatorConfig } = await ensureToolchain();
    await makeInstallBase(operatorConfig, path.join(scratch, 'mirrors'));
    return scratch;
  }
}
