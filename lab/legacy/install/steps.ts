// What every installation of a legacy Flux works with, and the steps that several of them share.

import path from 'node:path';
import { read } from '../../commands.ts';
import type { Lab, LabCluster } from '../../description.ts';
import type { Toolchain } from '../../toolchain/index.ts';
import { makeInstallBase } from '../install-base.ts';
import type { KubectlOf } from '../kubectl.ts';
import type { Settling } from '../settle.ts';

export interface Installation {
  readonly lab: Lab;
  readonly cluster: LabCluster;
  readonly toolchain: Toolchain;
  readonly kubectl: KubectlOf;
  /** The cluster's folder in a checkout of its branch. */
  readonly folder: string;
  /** A folder of this installation alone, gone when it ends. */
  readonly scratch: string;
  readonly settling: Settling;
  readonly say: (message: string) => void;
}

/** Ends when every Flux object of the cluster is Ready. Can be run again after it was cut off. */
export type InstallStep = (installation: Installation) => Promise<void>;

/** Where the remote base on GitHub is served from: a repository on this machine, by git's own `url.….insteadOf`. */
export async function gitWithoutGitHub({
  toolchain,
  scratch,
}: Installation): Promise<Record<string, string>> {
  const mirrors = await makeInstallBase(toolchain.operatorConfig, path.join(scratch, 'mirrors'));
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.file://${mirrors}/.insteadOf`,
    GIT_CONFIG_VALUE_0: 'https://github.com/',
  };
}

/** Every secret goes from program to program through pipes: none is an argument of a process. */
export async function applySecrets(installation: Installation, files: readonly string[]): Promise<void> {
  const { lab, kubectl, folder, toolchain } = installation;
  const apply = (input: string) => kubectl.run(['apply', '--server-side', '--filename=-'], { input });
  const keyFile = `--from-file=age.agekey=${lab.ageKeyFile}`;
  const create = ['create', 'secret', 'generic', 'sops-age', '--namespace=flux-system', keyFile];
  await apply(await kubectl.read([...create, '--dry-run=client', '--output=yaml']));
  for (const file of files) {
    const environment = { SOPS_AGE_KEY_FILE: lab.ageKeyFile };
    await apply(
      await read(path.join(toolchain.bin, 'sops'), ['decrypt', path.join(folder, file)], { environment }),
    );
  }
}

/** The secrets and the settings that Flux needs before it can read the rest from Git, as the home-ops Taskfile applies them. */
export async function applyHomeOpsSecrets(installation: Installation): Promise<void> {
  const { kubectl, folder } = installation;
  await applySecrets(installation, [
    'bootstrap/flux/git-credentials.sops.yaml',
    'flux/vars/cluster-secrets.sops.yaml',
  ]);
  const settings = path.join(folder, 'flux/vars/cluster-settings.yaml');
  await kubectl.run(['apply', '--server-side', '--filename', settings]);
}

export async function waitForDefinitions({ kubectl }: Installation): Promise<void> {
  const selector = '--selector=app.kubernetes.io/part-of=flux';
  const condition = ['--for=condition=Established', '--timeout=60s'];
  await kubectl.run(['wait', ...condition, 'customresourcedefinitions', selector]);
}
