/** Does harm to a cluster that soaks, and sees from outside when it is stopped. */
import { clusterOf, type Lab } from '../lab/description.ts';
import { watchFor } from '../test/breaches/reaction.ts';
import { eventually, Kubectl } from '../test/lab/kubectl.ts';
import { cluster } from './plain-script.ts';

/** Resumes the legacy owner, which prunes again. @returns seconds until it is suspended, and does not prune */
export async function secondsToReaction(lab: Lab): Promise<number> {
  let harmed = false;
  const reaction = await watchFor(clusterOf(lab, cluster), {
    resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
    name: 'flux',
    is: ({ spec }) => {
      const harmless = spec.suspend === true && spec.prune === false;
      harmed ||= !harmless;
      return harmed && harmless;
    },
  });
  const patch = '{"spec":{"suspend":false,"prune":true}}';
  const begin = Date.now();
  try {
    const kubectl = new Kubectl(lab, clusterOf(lab, cluster));
    await kubectl.run('-n', 'flux-system', 'patch', 'kustomization', 'flux', '--type=merge', '-p', patch);
    const seen = await eventually('the owner suspended', 60, async () => reaction.seenAt() ?? undefined);
    return (seen - begin) / 1000;
  } finally {
    reaction.stop();
  }
}
