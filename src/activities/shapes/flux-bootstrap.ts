/** `flux bootstrap`: the root Kustomization applies Flux among the rest; gotk-* leave Git once the operator owns what is in them. */
import { healthOf } from '../../cluster/health.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { marks, missingForLegacy, missingForOperator } from '../../cluster/ownership.ts';
import type { ClusterPlan, ObjectReference } from '../../plan/types.ts';
import { type Arrival, arrived, type Carrying, notReady } from '../carry.ts';
import { failure, refusal } from '../failure.ts';
import { leavingObjects } from '../leaving.ts';
import { changeOf, instanceOf, ownerOfPlan } from '../planned.ts';
import type { Session } from '../session.ts';
import { handToKustomization, ownedByKustomization, ownershipOf } from './controllers.ts';
import type { ShapeSteps } from './steps.ts';

export const fluxBootstrap: ShapeSteps = {
  assertHarmless: assertRootStands,
  async beforeAdoption() {},
  async beforeRetire(opened) {
    const leaving = await assertLeavingAdopted(opened);
    return async (arrival) => {
      await rootApplied(arrival, (managed) => {
        const left = leaving.find(({ reference }) => managed.has(keyOf(reference)));
        return left ? `${nameOf(ownerOfPlan(arrival.plan))} to let go of ${nameOf(left.reference)}` : '';
      });
      await assertStillThere(arrival, leaving);
      return `${leaving.length} objects left Git and the inventory of ${nameOf(ownerOfPlan(arrival.plan))}; each is still on the cluster`;
    };
  },
  async retireUndone(undo) {
    const leaving = leavingObjects(changeOf(undo.plan, 'retire'));
    const root = nameOf(ownerOfPlan(undo.plan));
    await rootApplied(undo, (managed) => {
      const missing = leaving.find((reference) => !managed.has(keyOf(reference)));
      return missing ? `${root} to list ${nameOf(missing)} again` : '';
    });
    return `Flux stands in Git again; ${root} lists it and, while the operator owns it, leaves it alone`;
  },
  handOver: handToKustomization,
  resumed: () => [],
  ownedAgain: ownedByKustomization,
  legacyOwnership(session, plan, owner) {
    // The rest of its inventory is the person's own, whose marks are no business of ours.
    const own = new Set(leavingObjects(changeOf(plan, 'retire')).map(keyOf));
    const objects = (owner ? inventoryOf(owner) : []).filter((reference) => own.has(keyOf(reference)));
    return ownershipOf(session, objects, (object) => missingForLegacy(object, ownerOfPlan(plan)));
  },
};

/** @throws Refused when the root is going away: then everything beneath it is, too */
async function assertRootStands({ cluster }: Session, plan: ClusterPlan): Promise<void> {
  const root = ownerOfPlan(plan);
  const live = await cluster.find(root);
  if (live && !live.metadata.deletionTimestamp) return;
  throw failure('Refused', [
    refusal(
      'root-going',
      `${nameOf(root)} is ${live ? 'being deleted' : 'not on the cluster'}`,
      'enabling the operator while the root is collected loses every Kustomization and what they applied',
      `suspend it first if it is still there (flux -n ${root.namespace} suspend kustomization ${root.name}), bring it back, then retry`,
    ),
  ]);
}

interface Leaving {
  reference: ObjectReference;
  uid: string;
}

/** Every object whose manifest leaves Git is listed by the root, is in the instance's inventory and carries the operator's marks. */
async function assertLeavingAdopted({ session, plan, view }: Carrying): Promise<Leaving[]> {
  await assertRootStands(session, plan);
  const root = view.find(ownerOfPlan(plan));
  const instance = view.find(instanceOf(plan));
  const listed = new Set((root ? inventoryOf(root) : []).map(keyOf));
  const managed = new Set((instance ? inventoryOf(instance) : []).map(keyOf));
  const wrong: string[] = [];
  const leaving = await Promise.all(
    leavingObjects(changeOf(plan, 'retire')).map(async (reference): Promise<Leaving> => {
      const live = await session.cluster.find(reference);
      const missing = live ? missingToStay(live, listed, managed) : ['it does not exist'];
      if (missing.length > 0) wrong.push(`${nameOf(reference)}: ${missing.join(', ')}`);
      return { reference, uid: live?.metadata.uid ?? '' };
    }),
  );
  if (leaving.length === 0) wrong.push('the planned commit takes nothing of Flux out of Git');
  if (wrong.length === 0) return leaving;
  throw failure('Refused', [
    refusal(
      'leaving-not-adopted',
      `${wrong.length} of ${leaving.length} objects whose manifests leave Git are not safe in the operator's hands: ${wrong.slice(0, 10).join('; ')}`,
      `${nameOf(ownerOfPlan(plan))} prunes: it would delete them from the cluster`,
      'bring the FluxInstance to what runs (components, network policies, patches), reconcile it, then retry; or roll back',
    ),
  ]);
}

function missingToStay(
  live: LiveObject,
  listed: ReadonlySet<string>,
  managed: ReadonlySet<string>,
): string[] {
  const key = keyOf(referenceOf(live));
  const missing = missingForOperator(live);
  // Under another name in the inventory than in Git, nobody could say what would be collected.
  if (!listed.has(key)) missing.push('not in the inventory of the root under this name');
  if (!managed.has(key)) missing.push('not in the inventory of the FluxInstance');
  if (live.metadata.annotations?.[marks.prune]?.toLowerCase() !== 'disabled')
    missing.push(`lacks the annotation ${marks.prune}: Disabled`);
  return missing;
}

/** Waits until the root has applied the commit and its inventory is as it should be. */
function rootApplied(arrival: Arrival, missingIn: (managed: ReadonlySet<string>) => string): Promise<true> {
  const reference = ownerOfPlan(arrival.plan);
  return arrived(arrival, () => {
    const unready = notReady(arrival, reference);
    const root = arrival.view.find(reference);
    if (unready || !root || healthOf(root).state !== 'ready')
      return unready ?? { waiting: `${nameOf(reference)}: Ready` };
    const waiting = missingIn(new Set(inventoryOf(root).map(keyOf)));
    return waiting ? { waiting } : { value: true };
  });
}

/** @throws NotReady when something was pruned after all */
async function assertStillThere({ session }: Arrival, leaving: Leaving[]): Promise<void> {
  const lost = await Promise.all(
    leaving.map(async ({ reference, uid }) => {
      const live = await session.cluster.find(reference);
      if (!live) return `${nameOf(reference)} is gone`;
      if (live.metadata.deletionTimestamp) return `${nameOf(reference)} is being deleted`;
      return live.metadata.uid === uid ? null : `${nameOf(reference)} was created anew`;
    }),
  );
  const faults = lost.filter((sentence) => sentence !== null);
  if (faults.length === 0) return;
  throw failure('NotReady', [
    refusal(
      'pruned',
      faults.slice(0, 10).join('; '),
      'removing gotk-* from Git must take nothing from the cluster',
      'suspend the root at once (flux suspend kustomization), then look at the FluxInstance, which makes them again',
    ),
  ]);
}
