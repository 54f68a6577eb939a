/** A person says go on: the first aid is lifted, what it stopped goes on, and the invariants must hold again. */
import { requestReconcile, requestToken } from '../../cluster/flux.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import { type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { type Baseline, readBaseline } from '../baseline.ts';
import type { PhaseResult, StandInput } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { assertIdentity, guard } from '../guard.ts';
import { clearLiveDisable, ownsDisable } from '../live-annotation.ts';
import { instanceOf, keeperOf, plannedAtBase } from '../planned.ts';
import type { Session } from '../session.ts';
import { breaches, type BreachId } from './breaches.ts';
import { courseAt } from './course.ts';
import { type Fault, moment, type Sight } from './fault.ts';
import { judgeSight } from './judge-sight.ts';
import { aidsInForce, releaseAids, releaseOperator, stoppedSets } from './release.ts';
import { look } from './sight.ts';
import { timeoutOf } from './unready.ts';
import { newTally } from './tally.ts';
import { addInstances, viewWatched } from './watched.ts';

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
  'instance-disabled',
  'owner-deleted',
  'kustomization-deleted',
  'controllers-changed',
  'object-gone',
  'operator-unwell',
]);
/** What is not left behind by the first aid, but comes from elsewhere, Git perhaps: not waited for while nobody stops it. */
const relapses = new Set<BreachId>(['owner-resumed', 'instance-enabled', 'second-controllers']);

/** @throws Refused while something is left that lifting would set free | NotReady when the invariants do not hold again in time */
export async function liftFirstAid(session: Session<StandInput>): Promise<PhaseResult> {
  const [, { plan }, baseline, view] = await Promise.all([
    assertIdentity(session),
    plannedAtBase(session),
    readBaseline(session),
    viewWatched(session.cluster, session.namespace),
  ]);
  try {
    const lifted = await liftAll(session, view, plan, baseline);
    return {
      commit: null,
      alreadyDone: lifted.length === 0,
      summary: lifted.join('; ') || 'no first aid was in force',
      evidence: [],
      findings: [],
    };
  } finally {
    await view.close();
  }
}

/** Does nothing where there is nothing to lift or to bring right. @returns what was done, one line each. @throws ApplicationFailure | WaitEnded */
export async function liftAll(
  session: Session<StandInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<string[]> {
  const { cluster } = session;
  await addInstances(cluster, view);
  const tally = newTally();
  const sightNow = (): { sight: Sight; faults: Fault[] } => {
    const sight = look(session, view, plan, baseline);
    return { sight, faults: judgeSight(sight, tally) };
  };
  const { sight, faults } = sightNow();
  const course = courseAt(sight.stand, plan);
  const instance = instanceOf(plan);
  const live = view.find(instance);
  const disabled = live !== null && ownsDisable(live) && course.enabled === 'yes';
  const overwritten = course.ownedBy === 'operator' && faults.some(({ id }) => id === 'controllers-changed');
  if (!disabled && !overwritten && (await aidsInForce(session)).length === 0) return [];
  session.progress('lifting the first aid');
  await guard(session);
  assertMended(faults);
  await assertOneSet(session);
  const done = live?.metadata.deletionTimestamp ? await letGo(session, view, live) : [];
  done.push(...(await releaseAids(session, { operator: true })));
  if (disabled && !live.metadata.deletionTimestamp && (await clearLiveDisable(session, instance)))
    done.push('the FluxInstance is enabled again');
  if (overwritten) {
    await requestReconcile(cluster, instance, requestToken());
    done.push('asked the FluxInstance to put the controllers right');
  }
  const expected = course.instance === 'yes';
  const keeper = view.find(keeperOf(plan));
  // Its Kustomization may be waiting for the health of the one that leaves, and nothing calls that off.
  const waits = expected && keeper && (!live || live.metadata.deletionTimestamp) ? timeoutOf(keeper) : 0;
  await heldAgain(session, view, plan, { expected, waits }, () => sightNow().faults);
  return done;
}

/** Before anything else goes on: what brings the instance back must not meet the one that leaves. @throws WaitEnded */
async function letGo(session: Session, view: LiveView, instance: LiveObject): Promise<string[]> {
  const { timeouts, signal, progress } = session;
  const reference = referenceOf(instance);
  const lifted = await releaseOperator(session);
  await waitFor(
    view,
    () =>
      view.find(reference)?.metadata.uid === instance.metadata.uid
        ? { waiting: `Flux Operator to let ${nameOf(reference)} go, which is being deleted` }
        : { value: true },
    { timeout: timeouts.ready, signal, progress },
  );
  return lifted;
}

/** @throws Refused */
function assertMended(faults: Fault[]): void {
  const left = faults.filter(({ id }) => forPerson.has(id));
  if (left.length === 0) return;
  throw failure(
    'Refused',
    left.map(({ id, subject, detail }) =>
      refusal(id, `${subject} ${detail}, still`, breaches[id].why, breaches[id].mend),
    ),
  );
}

/** Let go, a second set would begin to write. @throws Refused */
async function assertOneSet(session: Session): Promise<void> {
  const names = (await stoppedSets(session)).map((object) => nameOf(referenceOf(object))).join(', ');
  if (names === '') return;
  const { why, mend } = breaches['second-controllers'];
  throw failure('Refused', [
    refusal('second-controllers', `${names}: there still, scaled to nothing`, why, mend),
  ]);
}

/** @param expected whether the instance has to be there, and how long (ms) it may be before its Kustomization looks again. @throws WaitEnded when the invariants do not hold again in time */
async function heldAgain(
  { cluster, timeouts, signal, progress }: Session,
  view: LiveView,
  plan: ClusterPlan,
  { expected, waits }: { expected: boolean; waits: number },
  faultsNow: () => Fault[],
): Promise<void> {
  const begin = Date.now();
  let askedAt = 0;
  await waitFor(
    view,
    () => {
      // A deletion ends once the operator runs; then Git has to bring the instance back.
      if (expected && !view.find(instanceOf(plan)) && Date.now() - askedAt > 5_000) {
        askedAt = Date.now();
        requestReconcile(cluster, keeperOf(plan), requestToken()).catch(() => {});
      }
      const faults = faultsNow();
      const relapse = faults.find(({ id }) => relapses.has(id));
      const open = relapse ?? faults.find(({ id }) => waitedFor.has(id));
      if (!open) return { value: true };
      // What was just lifted may not have arrived in the view yet.
      const hopeless = relapse !== undefined && Date.now() - begin > moment;
      return { waiting: `${open.subject}, which ${open.detail}`, hopeless };
    },
    { timeout: timeouts.ready + waits, signal, progress },
  );
}
