/** Way back of `adopt`: the instance is disabled live, every object goes back to kustomize-controller, the legacy owner resumes. */
import { requestReconcile } from '../../cluster/flux.ts';
import { healthOf, rolloutMissing } from '../../cluster/health.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { conditionOf, nameOf, textField } from '../../cluster/objects.ts';
import { missingForLegacy } from '../../cluster/ownership.ts';
import { WaitEnded, waitFor } from '../../cluster/wait.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { arrived, type Carrying, carrying } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { disableLive } from '../live-annotation.ts';
import { ownerOfPlan } from '../planned.ts';
import { flux, type Session } from '../session.ts';
import { ownershipPatch } from './ownership-patch.ts';
import { resumedOwner } from './resumed-owner.ts';
import { undoInGit, undone } from './undo.ts';

export function handBack(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    const { target } = opened.plan;
    const reference = flux.instance(target.namespace, target.instanceName);
    // Live first: Git may be down, and Flux is what is being rescued.
    session.progress('disabling the FluxInstance on the cluster');
    const instance = await disableLive(session, reference);
    const objects = instance ? await inventoryAtRest(opened, reference) : [];
    session.progress(`handing ${objects.length} objects back to kustomize-controller`);
    const results = await Promise.all(objects.map((object) => handOver(session, object)));
    const left = results.filter((result) => result !== null);
    if (left.length > 0)
      throw failure('NotReady', [
        refusal(
          'not-handed-back',
          `${left.length} of ${objects.length} objects could not be handed back: ${left.slice(0, 5).join('; ')}`,
          'the legacy owner must get all of them or none',
          'retry: what is done is not done again',
        ),
      ]);

    const undo = await undoInGit(opened, 'adopt', [resumedOwner(opened.plan)]);
    if (!undo.untouched) await ownedAgain(session, opened, undo, objects);
    return undone(
      undo,
      `${objects.length} objects belong to the legacy owner again; the FluxInstance is disabled`,
    );
  });
}

/** The inventory, once a reconciliation that was under way has ended. */
function inventoryAtRest(
  { session, view }: Carrying,
  reference: ObjectReference,
): Promise<ObjectReference[]> {
  return waitFor(
    view,
    () => {
      const instance = view.find(reference);
      if (!instance) return { value: [] };
      return conditionOf(instance, 'Reconciling')?.status === 'True'
        ? { waiting: `${nameOf(reference)} to end its reconciliation` }
        : { value: inventoryOf(instance) };
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
}

/** Null when done, else why not. A write by somebody else in between is met by looking again. */
async function handOver({ cluster }: Session, reference: ObjectReference): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await cluster.find(reference);
    if (!object) return `${nameOf(reference)} does not exist`;
    const patch = ownershipPatch(object);
    if (!patch) return null;
    try {
      await cluster.patch(reference, patch);
      return null;
    } catch (error) {
      const raced =
        isClusterError(error, 'conflict') || (isClusterError(error, 'invalid') && /test/.test(error.message));
      if (!raced || attempt >= 10) return `${nameOf(reference)}: ${(error as Error).message}`;
    }
  }
}

/** The legacy owner reconciled after the handing back, and it owns every object; the controllers are rolled out. */
async function ownedAgain(
  session: Session,
  opened: Carrying,
  undo: Parameters<typeof arrived>[0],
  objects: ObjectReference[],
): Promise<void> {
  const { view, plan } = opened;
  const owner = ownerOfPlan(plan);
  const token = `handover-${new Date().toISOString()}`;
  await arrived(undo, () => {
    const live = view.find(owner);
    if (!live) return { waiting: `${nameOf(owner)} to be there` };
    return healthOf(live).state === 'suspended' ? { waiting: `${nameOf(owner)} to resume` } : { value: true };
  });
  await requestReconcile(session.cluster, owner, token);
  await arrived(undo, () => {
    const live = view.find(owner);
    if (!live) return { waiting: `${nameOf(owner)}, which is gone`, hopeless: true };
    const { state, message } = healthOf(live);
    if (state !== 'ready' || textField(live, 'status', 'lastHandledReconcileAt') !== token)
      return { waiting: `${nameOf(owner)}: ${message || 'Ready'}` };
    for (const name of plan.target.components) {
      const deployment = view.find({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: plan.target.namespace,
        name,
      });
      const missing = deployment ? rolloutMissing(deployment) : 'it is gone';
      if (missing) return { waiting: `Deployment ${plan.target.namespace}/${name}: ${missing}` };
    }
    return { value: true };
  });
  const wrong = await Promise.all(
    objects.map(async (reference) => {
      const object = await session.cluster.find(reference);
      const missing = object ? missingForLegacy(object, owner) : ['it does not exist'];
      return missing.length > 0 ? `${nameOf(reference)}: ${missing.join(', ')}` : null;
    }),
  );
  const left = wrong.filter((sentence) => sentence !== null);
  if (left.length > 0) throw new WaitEnded(`the legacy owner to own ${left.slice(0, 5).join('; ')}`, false);
}
