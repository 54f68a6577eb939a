/** A person says go on: the first aid is lifted, what it stopped goes on, and the invariants must hold again. */
import { requestReconcile } from '../../cluster/flux.ts';
import { leaseReference, standOf } from '../../cluster/lease.ts';
import { keyOf } from '../../cluster/objects.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Baseline } from '../baseline.ts';
import type { WatchInput } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { guard } from '../guard.ts';
import { clearLiveDisable, ownsDisable } from '../live-annotation.ts';
import { flux, type Session } from '../session.ts';
import { breaches, type BreachId } from './breaches.ts';
import { courseAt } from './course.ts';
import { type Fault, limitsOf, type Sight, standBefore } from './fault.ts';
import { newTally } from './judge-health.ts';
import { instanceOf } from './judge-instance.ts';
import { judgeSight } from './judge-sight.ts';
import { isAided, releaseAids } from './release.ts';
import { addInstances } from './watched.ts';

/** What only a person mends: lifted before that, the first aid would let the harm go on. */
const forPerson = new Set<BreachId>([
  'definition-deleted',
  'namespace-deleted',
  'instance-unexpected',
  'instance-sync-changed',
  'owner-returned',
]);
/** What comes right by itself once nothing is held back. The rest may go on as it is: a person has seen it. */
const waitedFor = new Set<BreachId>([
  'instance-deleted',
  'instance-enabled',
  'instance-disabled',
  'owner-resumed',
  'owner-deleted',
  'kustomization-deleted',
  'object-gone',
  'second-controllers',
  'operator-unwell',
]);

/**
 * Does nothing where no first aid is in force.
 * @throws Refused while something is left that lifting would set free
 * @throws WaitEnded when the invariants do not hold again in time
 */
export async function liftFirstAid(
  session: Session<WatchInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<void> {
  const { cluster, namespace, input } = session;
  const instance = instanceOf(plan);
  const staged = await cluster.find(instance);
  const aided = await isAided(session);
  const now = standOf(view.find(leaseReference(namespace)), input.run) ?? standBefore(input.phase);
  const held = staged !== null && ownsDisable(staged) && courseAt(now, plan).enabled === 'yes';
  if (!aided && !held) return;
  session.progress('lifting the first aid');
  await guard(session);
  await addInstances(cluster, view);
  const tally = newTally();
  const look = (): { sight: Sight; faults: Fault[] } => {
    const stand = standOf(view.find(leaseReference(namespace)), input.run) ?? standBefore(input.phase);
    const sight = { stand, plan, baseline, objects: view.all, limits: limitsOf(input.config) };
    return { sight, faults: judgeSight(sight, tally) };
  };
  const first = look();
  const left = first.faults.filter(({ id }) => forPerson.has(id));
  if (left.length > 0)
    throw failure(
      'Refused',
      left.map(({ id, subject, detail }) =>
        refusal(id, `${subject} ${detail}, still`, breaches[id].why, breaches[id].mend),
      ),
    );
  const lifted = await releaseAids(session, { operator: true });
  const { enabled, instance: expected } = courseAt(first.sight.stand, plan);
  if (enabled === 'yes' && !view.find(instance)?.metadata.deletionTimestamp)
    if (await clearLiveDisable(session, instance)) lifted.push('the FluxInstance is enabled again');
  let askedAt = 0;
  await waitFor(
    view,
    () => {
      // A deletion ends once the operator runs; then Git has to bring the instance back.
      if (expected === 'yes' && !view.all.has(keyOf(instance)) && Date.now() - askedAt > 5_000) {
        askedAt = Date.now();
        const kustomization = flux.kustomization(plan.target.namespace, plan.target.instanceKustomization);
        requestReconcile(cluster, kustomization, new Date().toISOString()).catch(() => {});
      }
      const fault = look().faults.find(({ id }) => waitedFor.has(id));
      return fault ? { waiting: `${fault.subject}, which ${fault.detail}` } : { value: true };
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
  session.progress(lifted.join('; ') || 'no first aid was in force');
}
