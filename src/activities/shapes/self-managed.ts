/** Self-managed: a Kustomization of its own owns Flux; it is orphaned first, and it leaves at the end. */
import { keyOf, nameOf } from '../../cluster/objects.ts';
import { resumedOwner } from '../back/resumed-owner.ts';
import { arrived } from '../carry.ts';
import { assertOrphaned, notOrphaned } from '../legacy-owner.ts';
import { changeOf, ownerOfPlan } from '../planned.ts';
import { handToKustomization, ownedByInventory, ownedByKustomization } from './controllers.ts';
import type { ShapeSteps } from './steps.ts';

export const selfManaged: ShapeSteps = {
  assertHarmless: assertOrphaned,
  async beforeAdoption() {},
  async beforeRetire({ session, plan }) {
    await assertOrphaned(session, plan);
    const { collects } = changeOf(plan, 'retire');
    return async (arrival) => {
      await arrived(arrival, () => {
        const left = collects.find((reference) => arrival.view.find(reference) !== null);
        if (!left) return { value: true };
        const deleting = arrival.view.find(left)?.metadata.deletionTimestamp;
        return { waiting: `${nameOf(left)} to be ${deleting ? 'gone' : 'removed'}` };
      });
      return `${collects.map(nameOf).join(' and ')} left the cluster; nothing else did`;
    };
  },
  async retireUndone(undo) {
    const { plan, view } = undo;
    const owner = ownerOfPlan(plan);
    const { collects } = changeOf(plan, 'retire');
    await arrived(undo, () => {
      const missing = collects.find(
        (reference) => !view.find(reference) || view.find(reference)?.metadata.deletionTimestamp,
      );
      if (missing) return { waiting: `${nameOf(missing)} to be back` };
      const live = view
        .objects('Kustomization')
        .find(
          (object) =>
            keyOf({ ...owner, namespace: object.metadata.namespace ?? '', name: object.metadata.name }) ===
            keyOf(owner),
        );
      const fields = live ? notOrphaned(live) : '';
      return fields ? { waiting: `${nameOf(owner)} to have ${fields}` } : { value: true };
    });
    return `${nameOf(owner)} is back, suspended and without pruning`;
  },
  handOver: handToKustomization,
  resumed: (plan) => [resumedOwner(plan)],
  ownedAgain: ownedByKustomization,
  legacyOwnership: (session, plan, owner) => ownedByInventory(session, owner, ownerOfPlan(plan)),
};
