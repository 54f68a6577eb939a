/** Looks at a cluster for a judgement: snapshot, ownership of the controllers' objects, live ciphertext. */
import { findCiphertext } from '../cluster/ciphertext.ts';
import type { Observed } from '../cluster/judge.ts';
import type { Expectation } from '../cluster/verdict.ts';
import { inventoryOf } from '../cluster/inventory.ts';
import type { LiveObject } from '../cluster/objects.ts';
import { missingForOperator } from '../cluster/ownership.ts';
import { takeSnapshot } from '../cluster/snapshot.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { instanceOf, ownerOfPlan } from './planned.ts';
import type { Session } from './session.ts';
import { ownershipOf } from './shapes/controllers.ts';
import { stepsOf } from './shapes/index.ts';

export interface Sight extends Observed {
  instance: LiveObject | null;
  legacyOwner: LiveObject | null;
}

/** @throws ClusterError */
export async function observe(session: Session, plan: ClusterPlan, expectation: Expectation): Promise<Sight> {
  const { cluster, namespace } = session;
  const owner = plan.legacy.owner && ownerOfPlan(plan);
  const [snapshot, ciphertext, instance, legacyOwner] = await Promise.all([
    takeSnapshot(cluster, namespace),
    findCiphertext(cluster),
    cluster.find(instanceOf(plan)),
    owner ? cluster.find(owner) : null,
  ]);
  const { owned, ownership } =
    expectation.owner === 'operator'
      ? await ownershipOf(session, instance ? inventoryOf(instance) : [], missingForOperator)
      : await stepsOf(plan).legacyOwnership(session, plan, legacyOwner);
  return {
    snapshot,
    ciphertext,
    instance,
    legacyOwner,
    owned,
    ownership,
  };
}
