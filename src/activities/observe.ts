/** Looks at a cluster for a judgement: snapshot, ownership of the controllers' objects, live ciphertext. */
import { findCiphertext } from '../cluster/ciphertext.ts';
import type { Observed, OwnershipFinding } from '../cluster/judge.ts';
import type { Expectation } from '../cluster/verdict.ts';
import { inventoryOf } from '../cluster/inventory.ts';
import { nameOf } from '../cluster/objects.ts';
import type { LiveObject } from '../cluster/objects.ts';
import { missingForLegacy, missingForOperator } from '../cluster/ownership.ts';
import { takeSnapshot } from '../cluster/snapshot.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { ownerOfPlan } from './planned.ts';
import { flux, type Session } from './session.ts';

export interface Sight extends Observed {
  instance: LiveObject | null;
  legacyOwner: LiveObject | null;
}

/** @throws ClusterError */
export async function observe(session: Session, plan: ClusterPlan, expectation: Expectation): Promise<Sight> {
  const { cluster, namespace } = session;
  const [snapshot, ciphertext, instance, legacyOwner] = await Promise.all([
    takeSnapshot(cluster, namespace),
    findCiphertext(cluster),
    cluster.find(flux.instance(plan.target.namespace, plan.target.instanceName)),
    cluster.find(ownerOfPlan(plan)),
  ]);
  const owner = expectation.owner === 'operator' ? instance : legacyOwner;
  const inventory = owner ? inventoryOf(owner) : [];
  const ownership = await Promise.all(
    inventory.map(async (reference): Promise<OwnershipFinding | null> => {
      const object = await cluster.find(reference);
      const missing = object
        ? expectation.owner === 'operator'
          ? missingForOperator(object)
          : missingForLegacy(object, ownerOfPlan(plan))
        : ['it does not exist'];
      return missing.length === 0 ? null : { object: nameOf(reference), missing };
    }),
  );
  return {
    snapshot,
    ciphertext,
    instance,
    legacyOwner,
    owned: inventory.length,
    ownership: ownership.filter((finding) => finding !== null),
  };
}
