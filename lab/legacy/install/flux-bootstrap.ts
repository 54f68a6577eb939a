// Installs Flux by a real `flux bootstrap git`, which pushes gotk-components.yaml and gotk-sync.yaml to the branch of the cluster.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../commands.ts';
import { waitUntilSettled } from '../settle.ts';
import { applySecrets, type Installation } from './steps.ts';

export async function installByFluxBootstrap(installation: Installation): Promise<void> {
  const { lab, cluster, toolchain, kubectl, folder, scratch, settling, say } = installation;
  const namespace = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'flux-system' },
  });
  await kubectl.run(['apply', '--server-side', '--filename=-'], { input: namespace });
  await applySecrets(installation, []);
  await kubectl.run(['apply', '--filename', path.join(folder, 'config/cluster-settings.yaml')]);
  say('runs flux bootstrap git');
  const where = [`--url=${lab.git.url}`, `--branch=${cluster.name}`, `--path=clusters/${cluster.name}`];
  const access = ['--allow-insecure-http', '--token-auth', `--username=${lab.git.username}`, '--silent'];
  const at = [`--kubeconfig=${cluster.kubeconfig}`, `--context=${cluster.name}`, `--cache-dir=${scratch}`];
  await run(path.join(toolchain.bin, 'flux'), ['bootstrap', 'git', ...where, ...access, ...at], {
    environment: { GIT_PASSWORD: (await readFile(lab.git.tokenFile, 'utf8')).trim(), HOME: scratch },
  });
  await waitUntilSettled(kubectl, { ...settling, owner: 'flux-system' });
}
