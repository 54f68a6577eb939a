/** Waits and judgements about the controllers that several shapes share. */
import { requestReconcile, requestToken } from '../../cluster/flux.ts';
import { healthOf, rolloutMissing } from '../../cluster/health.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { type LiveObject, nameOf } from '../../cluster/objects.ts';
import { missingForLegacy } from '../../cluster/ownership.ts';
import { WaitEnded } from '../../cluster/wait.ts';
import type { ClusterPlan, ObjectReference } from '../../plan/types.ts';
import { ownershipPatch } from '../back/ownership-patch.ts';
import { type Arrival, arrived, type Carrying, reconciledAnew } from '../carry.ts';
import { ownerOfPlan } from '../planned.ts';
import type { Session } from '../session.ts';
import type { LegacyOwnership } from './steps.ts';

/** The Deployments of the controllers. */
export function controllersOf({ target }: ClusterPlan): ObjectReference[] {
  return target.components.map((name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: target.namespace,
    name,
  }));
}

/** What the controllers still lack of being rolled out; null when nothing. */
export function controllersMissing({ view, plan }: Carrying): { waiting: string } | null {
  for (const reference of controllersOf(plan)) {
    const deployment = view.find(reference);
    const missing = deployment ? rolloutMissing(deployment) : 'it is gone';
    if (missing) return { waiting: `${nameOf(reference)}: ${missing}` };
  }
  return null;
}

/** Hands every object back to kustomize-controller. */
export async function handToKustomization(
  { session }: Pick<Carrying, 'session'>,
  objects: ObjectReference[],
): Promise<string[]> {
  const results = await Promise.all(objects.map((object) => handBackOne(session, object)));
  return results.filter((result) => result !== null);
}

/** Null when done (or nothing was to be done), else why not. A write by somebody else in between is met by looking again. */
async function handBackOne({ cluster }: Session, reference: ObjectReference): Promise<string | null> {
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

/**
 * The owning Kustomization has applied every object since the handing back, and the controllers are rolled out. That it is Ready is not
 * waited for: what it applied may replace kustomize-controller itself, whose new pod then waits for the leader election (5 to 11 s
 * between two tries, client-go's RetryPeriod with its jitter). `restoreLegacyOwner` and the checklist demand it.
 * @throws WaitEnded
 */
export async function ownedByKustomization(undo: Arrival, objects: ObjectReference[]): Promise<void> {
  const { session, view, plan } = undo;
  const owner = ownerOfPlan(plan);
  await arrived(undo, () => {
    const live = view.find(owner);
    if (!live) return { waiting: `${nameOf(owner)} to be there` };
    return healthOf(live).state === 'suspended' ? { waiting: `${nameOf(owner)} to resume` } : { value: true };
  });
  await requestReconcile(session.cluster, owner, requestToken());
  await arrived(
    undo,
    () => controllersNotApplied(undo, owner) ?? controllersMissing(undo) ?? { value: true },
  );
  // Flux Operator took its label off them: only its own apply brings it back.
  const owned = () => ownershipOf(session, objects, (object) => missingForLegacy(object, owner));
  if ((await owned()).ownership.length === 0) return;
  await reconciledAnew(undo, owner, () => controllersMissing(undo));
  const { ownership } = await owned();
  if (ownership.length === 0) return;
  const left = ownership.map(({ object, missing }) => `${object}: ${missing.join(', ')}`);
  throw new WaitEnded(`the legacy owner to own ${left.slice(0, 5).join('; ')}`, false);
}

/** The first controller that its owner has not applied yet, and what the owner says; null when it has applied all. */
function controllersNotApplied({ view, plan }: Arrival, owner: ObjectReference): { waiting: string } | null {
  const applier = view.find(owner);
  const said = applier ? healthOf(applier).message : 'it is gone';
  for (const reference of controllersOf(plan)) {
    const live = view.find(reference);
    const [missing] = live ? missingForLegacy(live, owner) : [];
    if (missing !== undefined)
      return { waiting: `${nameOf(owner)} to apply ${nameOf(reference)}, which ${missing} (${said})` };
  }
  return null;
}

/** Looks at each object and tells what it lacks. */
export async function ownershipOf(
  { cluster }: Session,
  objects: ObjectReference[],
  missingFor: (object: LiveObject) => string[],
): Promise<LegacyOwnership> {
  const findings = await Promise.all(
    objects.map(async (reference) => {
      const object = await cluster.find(reference);
      const missing = object ? missingFor(object) : ['it does not exist'];
      return missing.length === 0 ? null : { object: nameOf(reference), missing };
    }),
  );
  return { owned: objects.length, ownership: findings.filter((finding) => finding !== null) };
}

/** What a Kustomization says it manages must be its own. */
export function ownedByInventory(
  session: Session,
  owner: LiveObject | null,
  reference: ObjectReference,
): Promise<LegacyOwnership> {
  return ownershipOf(session, owner ? inventoryOf(owner) : [], (object) =>
    missingForLegacy(object, reference),
  );
}
