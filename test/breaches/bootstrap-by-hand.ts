/** Applies the bootstrap folder of the branch, as the Taskfile of the repository does, and insists where the operator owns a field. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { makeInstallBase } from '../../lab/legacy/install-base.ts';
import { ensureToolchain } from '../../lab/toolchain/index.ts';

export async function bootstrapByHand(lab: Lab): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bootstrap-'));
  try {
    const clone = path.join(folder, 'clone');
    const from = ['--depth=1', '--branch=edge', `file://${lab.git.repository}`];
    await execa('git', ['clone', '--quiet', ...from, clone], { env: { GIT_CONFIG_GLOBAL: '/dev/null' } });
    const { operatorConfig } = await ensureToolchain();
    const mirrors = await makeInstallBase(operatorConfig, path.join(folder, 'mirrors'));
    const program = path.join(lab.bin, 'kubectl');
    const { stdout } = await execa(
      program,
      ['kustomize', path.join(clone, 'kubernetes/edge/bootstrap/flux')],
      {
        // The remote base on GitHub is served from this machine.
        env: {
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: `url.file://${mirrors}/.insteadOf`,
          GIT_CONFIG_VALUE_0: 'https://github.com/',
        },
      },
    );
    const { kubeconfig } = clusterOf(lab, 'edge');
    const apply = ['apply', '--server-side', '--force-conflicts', '--filename=-'];
    await execa(program, ['--kubeconfig', kubeconfig, ...apply], { input: stdout });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
