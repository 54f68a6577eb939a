/** What on a cluster does not fit the commits of the run: moved by hand, lost, or another run's. Each with its mend. Pure. */
import type { PhaseName } from '../../plan/phases.ts';
import type { Finding } from '../contract.ts';
import { refusal, warning } from '../failure.ts';
import type { RunRecord } from '../run-record.ts';
import type { Reading } from './conclude.ts';
import type { Sighting } from './sighting.ts';

export function misfitsOf(sighting: Sighting, reading: Reading, record: RunRecord | null): Finding[] {
  return [
    ...ofRuns(sighting, reading, record),
    ...ofInstance(sighting, reading),
    ...ofOperator(sighting, reading),
    ...ofOwner(sighting, reading),
    ...ofControllers(sighting, reading),
  ];
}

/** Whether the phase is in force, or its way back may not have ended. */
function holds({ begun, state }: Reading, phase: PhaseName): boolean {
  return begun.includes(phase) || state?.undoing === phase;
}

function ofRuns(
  { cluster, clusterUid, context, lease, steps, branch, namespace }: Sighting,
  { rivals, state, begun }: Reading,
  record: RunRecord | null,
): Finding[] {
  const found: Finding[] = [];
  if (rivals.length > 1)
    found.push(
      refusal(
        'two-runs',
        `branch ${branch} holds commits in force of ${rivals.join(' and ')}`,
        'the way back of one would take the ground from under the other',
        `look at both (git log --grep=Handover-Run origin/${branch}) and undo the later one first, by hand: docs/without-temporal.md`,
      ),
    );
  if (lease && state && lease.run !== state.run)
    found.push(
      refusal(
        'lease-of-another-run',
        `run ${lease.run} holds the Lease of ${cluster}, and ${begun.length > 0 ? 'what is in force is' : 'the last commits are'} of run ${state.run}`,
        'two runs that drive one cluster undo each other',
        `end run ${lease.run} first; if nothing drives it any more: flux-handover start --take-over, or kubectl -n ${namespace} delete lease flux-handover`,
      ),
    );
  if (record && record.clusterUid !== clusterUid && begun.length > 0)
    found.push(
      refusal(
        'other-cluster',
        `run ${record.run} moved the cluster with kube-system UID ${record.clusterUid}, and behind context ${context} is ${clusterUid}`,
        'the cluster was raised anew since, or the context points elsewhere: what it was before is not what this one was',
        `is context ${context} the right one? a cluster that was raised anew from Git has no way back to what it never was`,
      ),
    );
  // A run that was undone whole needs no baseline any more.
  if (state && record === null && (begun.length > 0 || (lease !== null && state.undoing !== null)))
    found.push(
      refusal(
        'baseline-missing',
        `neither ConfigMap ${namespace}/flux-handover-baseline nor refs/handover/${state.run} says what ${cluster} was before run ${state.run}${steps === null ? ' (Git does not answer)' : ''}`,
        'without it nobody can tell what is to be restored',
        'bring back the ref (push it from another clone), or the ConfigMap from the evidence folder; else go by hand: docs/without-temporal.md',
      ),
    );
  return found;
}

function ofInstance({ instances, context, namespace }: Sighting, reading: Reading): Finding[] {
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

function ofOperator({ operators, context, namespace }: Sighting, reading: Reading): Finding[] {
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

function ofOwner({ owner, context }: Sighting, reading: Reading): Finding[] {
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

function ofControllers({ controllers, context, namespace, lease }: Sighting, reading: Reading): Finding[] {
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

/** What a person should know before a rollback, without anything being amiss. */
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
