/** Phase `adopt`: the FluxInstance is enabled, and Flux Operator takes over the running controllers in place. */
import { handledSince, requestReconcile, requestToken } from '../cluster/flux.ts';
import { healthOf } from '../cluster/health.ts';
import { inventoryOf } from '../cluster/inventory.ts';
import { identityOf } from '../cluster/record.ts';
import { conditionOf, keyOf, type LiveObject, nameOf, referenceOf, textField } from '../cluster/objects.ts';
import { marks, missingForOperator } from '../cluster/ownership.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { Waited } from '../cluster/wait.ts';
import type { ObjectReference } from '../plan/types.ts';
import { excusedIn, readBaseline } from './baseline.ts';
import { type Arrival, arrived, carrying, commitPhase, notReady, settled } from './carry.ts';
import type { Finding, PhaseInput, PhaseResult } from './contract.ts';
import { failure, refusal } from './failure.ts';
import { clearLiveDisable } from './live-annotation.ts';
import { releaseMissing } from './operator.ts';
import { instanceOf, keeperOf } from './planned.ts';
import type { Session } from './session.ts';
import { controllersMissing } from './shapes/controllers.ts';
import { stepsOf } from './shapes/index.ts';

export function adoptControllers(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    const steps = stepsOf(opened.plan);
    const [baseline] = await Promise.all([readBaseline(session), steps.assertHarmless(session, opened.plan)]);
    await steps.beforeAdoption(opened);
    const reference = instanceOf(opened.plan);
    const before = opened.view.find(reference);
    const arrival = await commitPhase(opened, 'adopt');
    const adopted = await instanceAdopted(arrival, reference, before);
    session.progress('asking every source, Kustomization and HelmRelease to reconcile again');
    await settled(arrival, excusedIn(baseline), requestToken());
    // Only now has everything ended that was under way when the operator took over.
    const instance = await ownedInTheEnd(arrival, adopted, baseline);
    const objects = inventoryOf(instance);
    const record = {
      revision: textField(instance, 'status', 'lastAppliedRevision'),
      objects: objects.map(nameOf),
    };
    const kept = await session.evidence.keep('adoption.json', `${JSON.stringify(record, undefined, 2)}\n`);
    return {
      commit: arrival.commit,
      alreadyDone: arrival.alreadyDone,
      summary: `Flux Operator owns ${objects.length} objects, each with the UID it had; everything reconciled again`,
      evidence: [kept],
      findings: [],
    };
  });
}

/** Ready for the right reason, and every controller rolled out. */
async function instanceAdopted(
  arrival: Arrival,
  reference: ObjectReference,
  before: LiveObject | null,
): Promise<LiveObject> {
  const { session, view } = arrival;
  await arrived(arrival, () => enabled(arrival, reference));
  // What we set live on an earlier way back is not cleared by Git; and the reason of an instance that was adopted before says nothing.
  const cleared = await clearLiveDisable(session, reference);
  const stale =
    before !== null &&
    conditionOf(before, 'Ready')?.reason === 'ReconciliationSucceeded' &&
    before.metadata.annotations?.[marks.reconcile] === 'disabled';
  const token = stale || cleared ? requestToken() : null;
  if (token) await requestReconcile(session.cluster, reference, token);
  return arrived(arrival, (): Waited<LiveObject> => {
    const instance = view.find(reference);
    if (!instance) return { waiting: `${nameOf(reference)}, which is gone`, hopeless: true };
    const { state, reason, message } = healthOf(instance);
    if (conditionOf(instance, 'Stalled')?.status === 'True')
      return { waiting: `${nameOf(reference)}: ${message}`, hopeless: true };
    if (state !== 'ready' || reason !== 'ReconciliationSucceeded')
      return { waiting: `${nameOf(reference)}: ${message || 'ReconciliationSucceeded'}` };
    if (token && !handledSince(instance, token)) return { waiting: `${nameOf(reference)} to reconcile anew` };
    // Conditions are written before the rest of the status.
    if (inventoryOf(instance).length === 0)
      return { waiting: `${nameOf(reference)} to list what it manages` };
    return controllersMissing(arrival) ?? { value: instance };
  });
}

/** The commit that enables it is on the cluster. The Kustomization need not be Ready: its controller is being rolled. */
function enabled(arrival: Arrival, reference: ObjectReference): Waited<true> {
  const { plan, view } = arrival;
  const { target } = plan;
  const instance = view.find(reference);
  const disabled = instance?.metadata.annotations?.[marks.reconcile] === 'disabled';
  if (instance && !disabled) return { value: true };
  const missing =
    notReady(arrival, keeperOf(plan)) ??
    (target.instanceHelmRelease ? releaseMissing(arrival, target.instanceHelmRelease) : null);
  // Git took its annotation back and ours is what still disables it.
  return missing ?? { value: true };
}

/**
 * A reconciliation of a root that was under way may apply an object once more after the operator did, and so leave its own marks
 * beside the operator's. Once everything is at rest no root touches it again, and the operator's next reconciliation takes it over.
 * @throws NotReady
 */
async function ownedInTheEnd(arrival: Arrival, adopted: LiveObject, baseline: Snapshot): Promise<LiveObject> {
  const { session, view } = arrival;
  const reference = referenceOf(adopted);
  let instance = adopted;
  for (let attempt = 1; ; attempt += 1) {
    const found = await notOwned(session, inventoryOf(instance), baseline);
    if (found.length === 0) return instance;
    if (attempt > 3) throw failure('NotReady', found);
    session.progress(
      `${found.length} objects bear marks of two owners: reconciling the FluxInstance once more`,
    );
    await settled(arrival, excusedIn(baseline));
    const token = requestToken();
    await requestReconcile(session.cluster, reference, token);
    instance = await arrived(arrival, (): Waited<LiveObject> => {
      const live = view.find(reference);
      if (!live) return { waiting: `${nameOf(reference)}, which is gone`, hopeless: true };
      const again = handledSince(live, token);
      return again && healthOf(live).state === 'ready'
        ? { value: live }
        : { waiting: `${nameOf(reference)} to reconcile anew` };
    });
  }
}

/** Every object of the instance's inventory: applied by flux-operator, marked as its own, and the same object as before; else why not. */
async function notOwned(
  { cluster }: Session,
  objects: ObjectReference[],
  baseline: Snapshot,
): Promise<Finding[]> {
  const findings = await Promise.all(
    objects.map(async (reference) => {
      const object = await cluster.find(reference);
      const before = baseline.objects[keyOf(reference)];
      const missing = object ? missingForOperator(object) : ['it does not exist'];
      if (object && before && before.uid !== identityOf(object))
        missing.push(`was created anew (UID ${before.uid} before, ${object.metadata.uid} now)`);
      return missing.length === 0
        ? null
        : refusal(
            'not-adopted',
            `${nameOf(reference)}: ${missing.join(', ')}`,
            'the legacy owner could still change or collect it',
            'look at its managed fields (kubectl get --show-managed-fields -o yaml), then retry; or roll back',
          );
    }),
  );
  const found = findings.filter((finding) => finding !== null);
  if (objects.length === 0)
    found.push(
      refusal(
        'inventory-empty',
        'the FluxInstance says it manages nothing',
        'then nothing was adopted',
        'look at its status, then retry; or roll back',
      ),
    );
  return found;
}
