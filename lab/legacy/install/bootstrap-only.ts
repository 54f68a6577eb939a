// Installs Flux from the bootstrap folder alone, by `kubectl apply -k` as many people do: nothing reconciles the controllers.

import path from 'node:path';
import { waitUntilSettled } from '../settle.ts';
import { applyHomeOpsSecrets, gitWithoutGitHub, waitForDefinitions, type Installation } from './steps.ts';

export async function installBootstrapOnly(installation: Installation): Promise<void> {
  const { kubectl, folder, settling, say } = installation;
  say('applies bootstrap/flux');
  // On the client's side, on purpose: the fields then belong to an Update, which an adoption must take over as well.
  await kubectl.run(['apply', '--kustomize', path.join(folder, 'bootstrap/flux')], {
    environment: await gitWithoutGitHub(installation),
  });
  await applyHomeOpsSecrets(installation);
  await waitForDefinitions(installation);
  say('applies flux/config');
  await kubectl.run(['apply', '--server-side', '--kustomize', path.join(folder, 'flux/config')]);
  await waitUntilSettled(kubectl, { ...settling, owner: null });
}
