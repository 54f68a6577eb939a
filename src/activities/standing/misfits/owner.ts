/** The legacy owner of Flux: gone, going, or harmful again where the run has left it harmless. Pure. */
import type { Finding } from '../../contract.ts';
import { refusal } from '../../failure.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';

export function ofOwner({ owner, context }: Sighting, reading: Reading): Finding[] {
  const { begun, state, shape } = reading;
  if (!owner || begun.length === 0) return [];
  const [kind = '', place = ''] = owner.name.split(' ');
  const [namespace = '', name = ''] = place.split('/');
  const kubectl = `kubectl --context ${context} -n ${namespace}`;
  const found: Finding[] = [];
  if (owner.deleting && !begun.includes('retire'))
    found.push(
      refusal(
        'owner-deleting',
        `${owner.name}, which owned Flux, is being deleted`,
        'unless it is suspended it collects what it lists, Flux among it',
        `suspend it first, then nothing more is collected: ${kubectl} patch ${kind.toLowerCase()} ${name} --type merge -p '{"spec":{"suspend":true}}'`,
      ),
    );
  // Only an owner that leaves is orphaned; a root that also applied Flux goes on with the rest.
  if (shape === 'flux-bootstrap') {
    if (!owner.there)
      found.push(
        refusal(
          'owner-gone',
          `${owner.name}, the root of everything, is not on the cluster`,
          'nothing from Git arrives without it, and the way back needs Git',
          `apply it again from the repository, without pruning and suspended at first: docs/without-temporal.md`,
        ),
      );
    return found;
  }
  const orphanedByNow = begun.includes('operator') && state?.undoing !== 'adopt';
  if (owner.there && !owner.deleting && owner.lacksOrphaned && orphanedByNow && !isResumed(reading))
    found.push(
      refusal(
        begun.includes('retire') ? 'owner-back' : 'owner-enabled',
        begun.includes('retire')
          ? `${owner.name} is on the cluster again, without ${owner.lacksOrphaned}, and run ${state?.run ?? ''} has retired it`
          : `${owner.name} is on the cluster without ${owner.lacksOrphaned}, and run ${state?.run ?? ''} has orphaned it`,
        'somebody applied or resumed it by hand: beside Flux Operator it could overwrite the controllers, or collect them',
        `make it harmless: ${kubectl} patch ${kind.toLowerCase()} ${name} --type merge -p '${kind === 'HelmRelease' ? '{"spec":{"suspend":true}}' : '{"spec":{"suspend":true,"prune":false,"deletionPolicy":"Orphan"}}'}'`,
      ),
    );
  if (!owner.there && !begun.includes('retire') && state?.undoing !== 'retire')
    found.push(
      refusal(
        'owner-gone',
        `${owner.name}, which run ${state?.run ?? ''} has only orphaned, is not on the cluster`,
        'somebody deleted it, or Git lost it: there is nobody to hand the controllers back to',
        `let Git bring it back: reconcile the Kustomization that applies it, then look again (kubectl --context ${context} get kustomizations -A)`,
      ),
    );
  return found;
}

/** From the handing back on, the owner reconciles again, and still may not prune. */
function isResumed({ state }: Reading): boolean {
  return state?.undoing === 'adopt' || state?.undoing === 'stage' || state?.undoing === 'operator';
}
