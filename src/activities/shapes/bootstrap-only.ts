/** Bootstrap only: nothing in Git owns the controllers, so what they were is written down before the adoption. */
import type { LiveObject } from '../../cluster/objects.ts';
import { marks, operatorMarks } from '../../cluster/ownership.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { type Arrival, arrived, notReady } from '../carry.ts';
import { failure, refusal } from '../failure.ts';
import { flux, type Session } from '../session.ts';
import { controllersOf, ownershipOf } from './controllers.ts';
import { handOverAsKept, keepObjects, ownedAsKept } from './kept-objects.ts';
import type { ShapeSteps } from './steps.ts';

export const bootstrapOnly: ShapeSteps = {
  assertHarmless: assertOwnerless,
  beforeAdoption: keepObjects,
  async beforeRetire({ session, plan }) {
    await assertOwnerless(session, plan);
    return async (arrival) => {
      await rootsApplied(arrival);
      return 'the bootstrap folder installs Flux Operator now; nothing on the cluster changed';
    };
  },
  async retireUndone() {
    // No Kustomization applies the bootstrap folder, so there is no effect on the cluster to wait for.
    return 'the bootstrap folder installs Flux itself again';
  },
  handOver: handOverAsKept,
  resumed: () => [],
  ownedAgain: (undo, objects) => ownedAsKept(undo, objects, 'nobody', missingForNobody),
  legacyOwnership: (session, plan) => ownershipOf(session, controllersOf(plan), missingForNobody),
};

/** What stands between an object and being nobody's but the person's who applied it; the namespace may have an owner of its own. */
function missingForNobody(object: LiveObject): string[] {
  const { labels = {} } = object.metadata;
  const missing = operatorMarks(object);
  if (object.kind !== 'Namespace' && labels[marks.kustomizationName] !== undefined)
    missing.push(`belongs to the Kustomization ${labels[marks.kustomizationName]}`);
  return missing;
}

/** No Kustomization may own a controller: it would go on applying, and could collect. @throws Refused */
async function assertOwnerless({ cluster }: Session, plan: ClusterPlan): Promise<void> {
  const live = await Promise.all(controllersOf(plan).map((reference) => cluster.find(reference)));
  const owned = live.flatMap((object) => {
    const owner = object?.metadata.labels?.[marks.kustomizationName];
    return object && owner !== undefined
      ? [`Deployment ${object.metadata.name} belongs to the Kustomization ${owner}`]
      : [];
  });
  if (owned.length === 0) return;
  throw failure('Refused', [
    refusal(
      'owner-unexpected',
      owned.join('; '),
      'nothing in Git says so; that owner could overwrite or collect the controllers while they change hands',
      'bring the owner back to Git (or orphan and remove it, if it is a leftover), then plan again',
    ),
  ]);
}

/** The commit has come to the cluster and the roots are Ready at it. */
function rootsApplied(arrival: Arrival): Promise<true> {
  return arrived(arrival, () => {
    for (const { namespace, name, suspend } of arrival.plan.roots) {
      const missing = suspend ? null : notReady(arrival, flux.kustomization(namespace, name));
      if (missing) return missing;
    }
    return { value: true };
  });
}
