// Installs the legacy, self-managed Flux on a cluster of the lab with the commands of its own Taskfile, as a person would.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { read, run } from './commands.ts';
import type { Lab, LabCluster } from './description.ts';
import { makeInstallBase } from './legacy/install-base.ts';
import { KubectlOf } from './legacy/kubectl.ts';
import { waitUntilSettled } from './legacy/settle.ts';
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
 * Ends when the Kustomization `flux` owns the controllers and every Flux object of the cluster is Ready. Every step can be run again.
 * @throws ExecaError with the words of kubectl or sops, or an Error that lists what is not Ready.
 */
export async function installLegacy(install: LegacyInstall): Promise<void> {
  const { lab, cluster, toolchain } = install;
  const scratch = await mkdtemp(path.join(tmpdir(), `flux-handover-${cluster.name}-`));
  try {
    const kubectl = new KubectlOf(toolchain.bin, cluster, path.join(scratch, 'kubectl'));
    const tree = path.join(scratch, 'home-ops');
    await run('git', [
      'clone',
      '--quiet',
      '--depth=1',
      `--branch=${cluster.name}`,
      `file://${lab.git.repository}`,
      tree,
    ]);
    const folder = path.join(tree, 'kubernetes', cluster.name);
    if (!(await ownsItself(kubectl))) await applyBootstrap(install, kubectl, folder, scratch);
    await applySecrets(install, kubectl, folder);
    await kubectl.run([
      'wait',
      '--for=condition=Established',
      '--timeout=60s',
      'customresourcedefinitions',
      '--selector=app.kubernetes.io/part-of=flux',
    ]);
    const settling = { timeout: install.timeout ?? 600_000, ...progressOf(install) };
    // Flux first replaces its own controllers. The apps wait for that: begun before, everything would be done twice.
    install.onProgress?.('applies flux/config/flux.yaml');
    await kubectl.run(['apply', '--server-side', '--filename', path.join(folder, 'flux/config/flux.yaml')]);
    await waitUntilSettled(kubectl, settling);
    install.onProgress?.('applies flux/config');
    await kubectl.run(['apply', '--server-side', '--kustomize', path.join(folder, 'flux/config')]);
    await waitUntilSettled(kubectl, settling);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function progressOf({ onProgress }: LegacyInstall): Pick<LegacyInstall, 'onProgress'> {
  return onProgress === undefined ? {} : { onProgress };
}

/**
 * Whether an earlier installation got so far that the Kustomization `flux` applied a controller: to apply the bootstrap
 * over its patches again would be a conflict of field managers.
 */
async function ownsItself(kubectl: KubectlOf): Promise<boolean> {
  const owned = ['--selector=kustomize.toolkit.fluxcd.io/name=flux', '--output=name'];
  const listed = await kubectl.read(['get', 'deployments.apps', '--namespace=flux-system', ...owned]);
  return listed !== '';
}

/** The remote base on GitHub is served from a repository on this machine, by git's own `url.….insteadOf`. */
async function applyBootstrap(
  install: LegacyInstall,
  kubectl: KubectlOf,
  folder: string,
  scratch: string,
): Promise<void> {
  install.onProgress?.('applies bootstrap/flux');
  const mirrors = await makeInstallBase(install.toolchain.operatorConfig, path.join(scratch, 'mirrors'));
  await kubectl.run(['apply', '--server-side', '--kustomize', path.join(folder, 'bootstrap/flux')], {
    environment: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${mirrors}/.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/',
    },
  });
}

/** Every secret goes from program to program through pipes: none is an argument of a process. */
async function applySecrets(
  { lab, toolchain }: LegacyInstall,
  kubectl: KubectlOf,
  folder: string,
): Promise<void> {
  const apply = (input: string) => kubectl.run(['apply', '--server-side', '--filename=-'], { input });
  const keyFile = `--from-file=age.agekey=${lab.ageKeyFile}`;
  const create = ['create', 'secret', 'generic', 'sops-age', '--namespace=flux-system', keyFile];
  await apply(await kubectl.read([...create, '--dry-run=client', '--output=yaml']));
  for (const file of ['bootstrap/flux/git-credentials.sops.yaml', 'flux/vars/cluster-secrets.sops.yaml']) {
    const environment = { SOPS_AGE_KEY_FILE: lab.ageKeyFile };
    await apply(
      await read(path.join(toolchain.bin, 'sops'), ['decrypt', path.join(folder, file)], { environment }),
    );
  }
  await kubectl.run([
    'apply',
    '--server-side',
    '--filename',
    path.join(folder, 'flux/vars/cluster-settings.yaml'),
  ]);
}
