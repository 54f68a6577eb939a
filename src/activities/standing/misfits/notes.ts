/** What a person should know before a rollback, without anything being amiss. Pure. */
import type { Finding } from '../../contract.ts';
import { warning } from '../../failure.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';

export function notesOf({ builtOnOperator, instances, lease }: Sighting, { begun }: Reading): Finding[] {
  const found: Finding[] = [];
  if (builtOnOperator.length > 0 && begun.includes('operator'))
    found.push(
      warning(
        'built-on-operator',
        `these were made for Flux Operator since: ${builtOnOperator.slice(0, 10).join(', ')}`,
        'after a rollback nobody reconciles them any more; what they made stays as it is',
        'move what they do elsewhere first, or accept it',
      ),
    );
  const [instance] = instances;
  if (begun.includes('retire') && lease === null && instance && !instance.enabled)
    found.push(
      warning(
        'instance-disabled',
        `FluxInstance ${instance.name} is disabled, though the handover has ended`,
        'nothing keeps the controllers as they should be',
        'enable it again (remove the annotation fluxcd.controlplane.io/reconcile), or roll back',
      ),
    );
  return found;
}
