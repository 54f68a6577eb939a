// Installs the self-managed Flux with the commands of its own Taskfile: bootstrap once, then a Kustomization that owns Flux.

import path from 'node:path';
import type { KubectlOf } from '../kubectl.ts';
import { waitUntilSettled } from '../settle.ts';
import { applyHomeOpsSecrets, gitWithoutGitHub, waitForDefinitions, type Installation } from './steps.ts';

/** Name of the Kustomization that owns the controllers. */
const owner = 'flux';

export async function installSelfManaged(installation: Installation): Promise<void> {
  const { kubectl, folder, settling, say } = installation;
  if (!(await ownsItself(kubectl))) {
    say('applies bootstrap/flux');
    const bootstrap = path.join(folder, 'bootstrap/flux');
    await kubectl.run(['apply', '--server-side', '--kustomize', bootstrap], {
      environment: await gitWithoutGitHub(installation),
    });
  }
  await applyHomeOpsSecrets(installation);
  await waitForDefinitions(installation);
  // Flux first replaces its own controllers. The apps wait for that: begun before, everything would be done twice.
  say('applies flux/config/flux.yaml');
  await kubectl.run(['apply', '--server-side', '--filename', path.join(folder, 'flux/config/flux.yaml')]);
  await waitUntilSettled(kubectl, { ...settling, owner });
  say('applies flux/config');
  await kubectl.run(['apply', '--server-side', '--kustomize', path.join(folder, 'flux/config')]);
  await waitUntilSettled(kubectl, { ...settling, owner });
}

/**
 * Whether an earlier installation got so far that the Kustomization `flux` applied a controller: to apply the bootstrap
 * over its patches again would be a conflict of field managers.
 */
async function ownsItself(kubectl: KubectlOf): Promise<boolean> {
  const owned = [`--selector=kustomize.toolkit.fluxcd.io/name=${owner}`, '--output=name'];
  const listed = await kubectl.read(['get', 'deployments.apps', '--namespace=flux-system', ...owned]);
  return listed !== '';
}
