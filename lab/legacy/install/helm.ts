// Installs Flux by `helm install` of the chart flux2, as a person would; then a HelmRelease in Git takes the release over.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { run } from '../../commands.ts';
import { waitUntilSettled } from '../settle.ts';
import { applyHomeOpsSecrets, waitForDefinitions, type Installation } from './steps.ts';

const chart = 'fluxcd-community/charts/flux2';
const release = 'flux2';

export async function installByHelm(installation: Installation): Promise<void> {
  const { lab, cluster, toolchain, kubectl, folder, scratch, settling, say } = installation;
  say('runs helm install');
  await mkdir(path.join(scratch, 'helm'), { recursive: true });
  // `upgrade --install` can be run again; a first run does what `install` does.
  await run(
    path.join(toolchain.bin, 'helm'),
    [
      'upgrade',
      release,
      `oci://${lab.registry.address}/${chart}`,
      '--install',
      `--version=${await chartVersion(folder)}`,
      '--namespace=flux-system',
      '--create-namespace',
      `--values=${path.join(folder, 'bootstrap/flux/values.yaml')}`,
      `--ca-file=${lab.registry.caFile}`,
      `--kubeconfig=${cluster.kubeconfig}`,
      `--kube-context=${cluster.name}`,
      '--wait',
    ],
    { environment: { HOME: path.join(scratch, 'helm') } },
  );
  await applyHomeOpsSecrets(installation);
  await waitForDefinitions(installation);
  say('applies flux/config');
  await kubectl.run(['apply', '--server-side', '--kustomize', path.join(folder, 'flux/config')]);
  await waitUntilSettled(kubectl, { ...settling, owner: null });
}

/** The version that the HelmRelease in Git asks for: with another one it would upgrade at once. */
async function chartVersion(folder: string): Promise<string> {
  const file = path.join(folder, 'apps/flux-system/flux2/app/helmrelease.yaml');
  const manifest = parse(await readFile(file, 'utf8')) as { spec: { chart: { spec: { version: string } } } };
  return manifest.spec.chart.spec.version;
}
