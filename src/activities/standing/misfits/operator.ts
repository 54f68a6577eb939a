/** Flux Operator itself: missing where it is needed, or there where no run has put it. Pure. */
import type { Finding } from '../../contract.ts';
import { refusal } from '../../failure.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';
import { holds } from './holds.ts';

export function ofOperator({ operators, context, namespace }: Sighting, reading: Reading): Finding[] {
  const { begun, state } = reading;
  if (operators.length === 0 && begun.includes('stage'))
    return [
      refusal(
        'operator-gone',
        'Flux Operator does not run, and a FluxInstance is to be taken back',
        "without it the finalizer of the FluxInstance never clears, and the instance's objects have no owner",
        `let Git install it again: flux --context ${context} -n ${namespace} reconcile kustomization flux-operator --with-source; then look again`,
      ),
    ];
  const expected = holds(reading, 'operator') || holds(reading, 'stage') || begun.length > 1;
  if (operators.length > 0 && !expected)
    return [
      refusal(
        'operator-without-run',
        `Flux Operator runs as ${operators.join(' and ')}, and no run has put it there${state ? ` (run ${state.run} has not come to it, or has taken it back)` : ''}`,
        'somebody installed it by hand, or is about to move this cluster',
        `find out who (kubectl --context ${context} -n ${operators[0]?.split('/')[0] ?? namespace} describe deploy ${operators[0]?.split('/')[1] ?? ''}), and remove it if nobody needs it`,
      ),
    ];
  return [];
}
