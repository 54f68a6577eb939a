/** Judges the legacy owner of Flux, and every Kustomization whose deletion would take more than itself. Pure. */
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { kustomizationKey } from '../../cluster/record.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { notOrphaned } from '../legacy-owner.ts';
import { isOrphaned, ownerOfPlan } from '../planned.ts';
import { flux } from '../session.ts';
import { type Course, courseAt } from './course.ts';
import { type Aid, type Fault, fault, gitSettles, moment, type Sight } from './fault.ts';
import { leavesThroughGit } from './left-through-git.ts';

export function judgeOwner(sight: Sight): Fault[] {
  const { plan, objects, stand } = sight;
  if (!plan.legacy.owner) return [];
  const course = courseAt(stand, plan);
  const reference = ownerOfPlan(plan);
  const subject = nameOf(reference);
  const owner = objects.get(keyOf(reference)) ?? null;
  if (!isOrphaned(plan)) return judgeStaying(sight, owner, reference);
  // Git may be what resumed it, so that its next reconciliation must not do so again.
  const suspend: Aid = { do: 'suspend', object: reference, keep: true, shield: true };
  if (!owner) return course.owner === 'yes' ? [fault('owner-deleted', subject, 'is gone', moment)] : [];
  const missing = notOrphaned(owner);
  if (course.owner === 'no')
    return [fault('owner-returned', subject, 'is back', missing ? 0 : moment, missing ? [suspend] : [])];
  if (owner.metadata.deletionTimestamp && course.owner === 'yes')
    return [fault('owner-deleted', subject, 'is being deleted', 0, suspendTree(sight, owner))];
  if (course.orphaned === 'yes' && missing)
    return [fault('owner-resumed', subject, `lacks ${missing}`, 0, [suspend])];
  if (course.orphaned === 'either' && stand.way === 'back' && stand.phase !== 'orphan')
    return field(owner, 'spec', 'prune') === true && field(owner, 'spec', 'suspend') !== true
      ? [
          fault('owner-resumed', subject, 'prunes while the operator still owns the controllers', 0, [
            suspend,
          ]),
        ]
      : [];
  return [];
}

/** A root that also applied Flux: it goes on applying the rest. */
function judgeStaying(sight: Sight, owner: LiveObject | null, reference: ObjectReference): Fault[] {
  const { plan, stand } = sight;
  const subject = nameOf(reference);
  if (!owner) return [fault('owner-deleted', subject, 'is gone', moment)];
  if (owner.metadata.deletionTimestamp)
    return [fault('owner-deleted', subject, 'is being deleted', 0, suspendTree(sight, owner))];
  if (!courseAt(stand, plan).atRest) return [];
  if (field(owner, 'spec', 'suspend') === true)
    return [fault('owner-changed', subject, 'is suspended, and was not', 10_000)];
  const prunes = field(owner, 'spec', 'prune') === true;
  return prunes === plan.legacy.owner?.prune
    ? []
    : [fault('owner-changed', subject, `has prune: ${prunes}, and had ${!prunes}`, 10_000)];
}

/** Roots, the apps' parent, the new apps, and whatever applied other Kustomizations in the baseline. */
export function judgeRoots(sight: Sight): Fault[] {
  const { plan, objects, stand, baseline } = sight;
  const course = courseAt(stand, plan);
  const { namespace } = plan.target;
  const owner = plan.legacy.owner && keyOf(ownerOfPlan(plan));
  const ours = new Set([
    ...plan.roots.map((root) => keyOf(flux.kustomization(root.namespace, root.name))),
    keyOf(flux.kustomization(namespace, plan.target.parentKustomization)),
    ...(mayLeave(course, stand.way, 'operator')
      ? []
      : [keyOf(flux.kustomization(namespace, plan.target.operatorKustomization))]),
    ...(mayLeave(course, stand.way, 'instance')
      ? []
      : [keyOf(flux.kustomization(namespace, plan.target.instanceKustomization))]),
  ]);
  const others = new Set(
    Object.entries(baseline.inventories)
      .filter(([, keys]) => keys.some((key) => key.startsWith('Kustomization.')))
      .map(([name]) => kustomizationKey(name.replace(/^\S+ /, '')))
      .filter((key) => !ours.has(key)),
  );
  const faults: Fault[] = [];
  for (const key of [...ours, ...others]) {
    const object = objects.get(key);
    if (!object?.metadata.deletionTimestamp || key === owner || course.moving.has(key)) continue;
    // Half of what a person took out of Git would stay behind.
    const leaves = others.has(key) ? leavesThroughGit(key, sight) : 'no';
    if (leaves === 'yes') continue;
    const subject = nameOf(referenceOf(object));
    faults.push(
      leaves === 'perhaps'
        ? fault('kustomization-deleted', subject, 'is being deleted', gitSettles)
        : fault('kustomization-deleted', subject, 'is being deleted', 0, suspendTree(sight, object)),
    );
  }
  return faults;
}

function mayLeave(course: Course, way: 'forward' | 'back', what: 'operator' | 'instance'): boolean {
  return way === 'back' && course[what] !== 'yes';
}

/** It and all Kustomizations and HelmReleases beneath it: suspended, each of them is deleted without taking anything along. */
function suspendTree({ objects }: Sight, root: LiveObject): Aid[] {
  const seen = new Set<string>();
  const aids: Aid[] = [];
  const visit = (object: LiveObject): void => {
    const key = keyOf(referenceOf(object));
    if (seen.has(key)) return;
    seen.add(key);
    aids.push({ do: 'suspend', object: referenceOf(object) });
    if (object.kind !== 'Kustomization') return;
    for (const reference of inventoryOf(object)) {
      const child = objects.get(keyOf(reference));
      if (child && isApplier(child)) visit(child);
    }
  };
  visit(root);
  return aids;
}

export function isApplier({ kind, apiVersion }: LiveObject): boolean {
  return (
    (kind === 'Kustomization' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/')) ||
    (kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/'))
  );
}
