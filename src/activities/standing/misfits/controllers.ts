/** The Flux controllers: none, or in other hands than the commits of the run say. Pure. */
import type { Finding } from '../../contract.ts';
import { refusal } from '../../failure.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';
import { holds } from './holds.ts';

export function ofControllers(
  { controllers, context, namespace, lease }: Sighting,
  reading: Reading,
): Finding[] {
  const { begun, state } = reading;
  if (controllers.length === 0)
    return [
      refusal(
        'controllers-gone',
        `no Flux controller runs in ${namespace}`,
        'nothing from Git arrives, and no way back can be taken through Git',
        `bootstrap Flux again from the repository, with the owner suspended: docs/without-temporal.md (kubectl --context ${context} -n ${namespace} get deploy)`,
      ),
    ];
  const adopted = controllers.filter((controller) => controller.adopted).map(({ name }) => name);
  if (adopted.length > 0 && !holds(reading, 'adopt') && state?.undoing !== 'retire')
    return [
      refusal(
        'adopted-without-run',
        `${adopted.join(', ')} bear the marks of Flux Operator, and no run in force has adopted them`,
        'somebody moved this cluster by hand, or a way back was taken without handing them back: the legacy owner skips what is marked and still says Ready',
        `hand them back as docs/without-temporal.md says, or look who owns them: kubectl --context ${context} -n ${namespace} get deploy ${adopted[0] ?? ''} --show-managed-fields -o yaml`,
      ),
    ];
  const ended = begun.includes('retire') && state?.undoing === null && lease === null;
  if (ended && adopted.length < controllers.length)
    return [
      refusal(
        'not-adopted',
        `run ${state?.run ?? ''} has ended, and Flux Operator does not own ${controllers.flatMap((one) => (one.adopted ? [] : [one.name])).join(', ')}`,
        'somebody applied the legacy install by hand: two would fight over the controllers',
        `let Flux Operator take them again (flux-operator --context ${context} -n ${namespace} reconcile instance flux), then look again`,
      ),
    ];
  return [];
}
