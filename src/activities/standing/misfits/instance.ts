/** A FluxInstance that is gone, going, or enabled where no run has come so far. Pure. */
import type { Finding } from '../../contract.ts';
import { refusal } from '../../failure.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';
import { holds } from './holds.ts';

export function ofInstance({ instances, context, namespace }: Sighting, reading: Reading): Finding[] {
  const { state, begun } = reading;
  const [instance] = instances;
  const annotate = (name: string): string =>
    `kubectl --context ${context} -n ${name.split('/')[0]} annotate fluxinstance ${name.split('/')[1]} fluxcd.controlplane.io/reconcile=disabled --overwrite --field-manager=flux-handover`;
  if (!instance)
    return begun.includes('adopt')
      ? [
          refusal(
            'instance-gone',
            `run ${state?.run ?? ''} has adopted the controllers, and there is no FluxInstance any more`,
            'somebody deleted it: if it was enabled, Flux was uninstalled with its CRDs; if not, nobody keeps the controllers, and nothing lists what is to be handed back',
            `look what is left (kubectl --context ${context} -n ${namespace} get deploy; kubectl get crd | grep fluxcd); where the controllers run, let Git make it again (flux --context ${context} -n ${namespace} reconcile kustomization flux-instance), then look again; else bootstrap anew: docs/without-temporal.md`,
          ),
        ]
      : [];
  const found: Finding[] = [];
  if (!holds(reading, 'stage') && !holds(reading, 'adopt') && state?.undoing !== 'retire')
    found.push(
      refusal(
        'instance-without-run',
        `there is a FluxInstance ${instance.name}, and no run has put it there${state ? ` (run ${state.run} has not come to it, or has taken it back)` : ''}`,
        'somebody moved this cluster by hand: what it was before is not known, and deleting an enabled FluxInstance uninstalls Flux',
        `if it is what is left of an attempt, disable it before anything else: ${annotate(instance.name)}`,
      ),
    );
  else if (instance.enabled && !holds(reading, 'adopt') && state?.undoing !== 'retire')
    found.push(
      refusal(
        'instance-enabled',
        `FluxInstance ${instance.name} is enabled, and run ${state?.run ?? ''} has not come to the cutover`,
        'somebody enabled it: Flux Operator takes the controllers over without the guards of the cutover',
        `disable it: ${annotate(instance.name)}`,
      ),
    );
  if (instance.deleting && state?.undoing !== 'stage')
    found.push(
      refusal(
        'instance-deleting',
        `FluxInstance ${instance.name} is being deleted`,
        instance.enabled
          ? 'it is enabled: Flux Operator uninstalls Flux with its CRDs, and every Flux object goes with them'
          : 'it is disabled, so only its finalizer goes; then nothing lists what is to be handed back',
        instance.enabled
          ? `disable it at once, then nothing more is deleted: ${annotate(instance.name)}`
          : 'let it end, let Git make it again (reconcile its Kustomization), then look again',
      ),
    );
  return found;
}
