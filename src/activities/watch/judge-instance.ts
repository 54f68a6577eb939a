/** Judges the FluxInstance and its operator by where the run stands. Pure. */
import { runsOperator } from '../../cluster/controller-set.ts';
import { rolloutMissing } from '../../cluster/health.ts';
import { field, keyOf, type LiveObject, nameOf, referenceOf, textField } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import { instanceOf, keeperOf } from '../planned.ts';
import { flux } from '../session.ts';
import { syncFault } from '../sync.ts';
import { courseAt } from './course.ts';
import { type Aid, type Fault, fault, moment, type Sight } from './fault.ts';

export function judgeInstance(sight: Sight): Fault[] {
  const { plan, objects, stand } = sight;
  const course = courseAt(stand, plan);
  const reference = instanceOf(plan);
  const subject = nameOf(reference);
  const instance = objects.get(keyOf(reference));
  if (!instance)
    return course.instance === 'yes' ? [fault('instance-deleted', subject, 'is gone', moment)] : [];
  const disabled = instance.metadata.annotations?.[marks.reconcile]?.toLowerCase() === 'disabled';
  const disable: Aid = { do: 'disable-instance', object: reference };
  if (instance.metadata.deletionTimestamp) {
    const operator = operatorOf(sight);
    // The operator may have begun before the annotation came: only stopping it ends what it has begun.
    const stop: Aid[] = operator ? [{ do: 'stop-operator', object: referenceOf(operator) }] : [];
    if (!disabled || isUninstalling(sight, instance))
      return [
        fault('instance-deleted', subject, 'is being deleted while it is enabled', 0, [
          disable,
          ...stop,
          ...suspendKeeper(sight),
        ]),
      ];
    return course.instanceLeaves
      ? []
      : [
          fault(
            'instance-deleted',
            subject,
            'is being deleted (it is disabled, so nothing goes with it)',
            moment,
          ),
        ];
  }
  if (course.instance === 'no' && !disabled)
    return [fault('instance-unexpected', subject, 'is there, and enabled', 0, [disable])];
  if (course.enabled === 'no' && !disabled)
    return [fault('instance-enabled', subject, 'is enabled', 0, [disable])];
  const sync = course.instance === 'no' ? '' : syncFault(instance, plan.target.sync);
  if (sync)
    return [
      fault('instance-sync-changed', subject, sync, 0, [disable, ...suspendGenerated(sight, instance)]),
    ];
  if (course.enabled === 'yes' && disabled && course.atRest)
    return [fault('instance-disabled', subject, 'is disabled', 10_000)];
  return [];
}

/** A controller of its inventory has gone, too: then the annotation came too late. */
function isUninstalling({ baseline, objects }: Sight, instance: LiveObject): boolean {
  const deleting = instance.metadata.deletionTimestamp !== undefined;
  return (
    deleting &&
    baseline.controllers.some(({ namespace, name }) => !objects.has(`Deployment.apps/${namespace}/${name}`))
  );
}

/**
 * At work while the instance leaves, it would wait for the health of what is on its way out for as long as its timeout allows, and
 * nothing calls that off.
 */
function suspendKeeper({ plan, objects }: Sight): Aid[] {
  const object = keeperOf(plan);
  return objects.has(keyOf(object)) ? [{ do: 'suspend', object, afterOperator: true }] : [];
}

/** What another sync makes or unmakes: suspended, it prunes nothing when it goes. */
function suspendGenerated({ plan, objects }: Sight, instance: LiveObject): Aid[] {
  const { namespace } = plan.target;
  const names = new Set([
    ...(plan.target.sync ? [plan.target.sync.root.name] : []),
    ...(field(instance, 'spec', 'sync') ? [textField(instance, 'spec', 'sync', 'name') || namespace] : []),
  ]);
  return [...names]
    .map((name) => flux.kustomization(namespace, name))
    .filter((reference) => objects.has(keyOf(reference)))
    .map((object) => ({ do: 'suspend', object }));
}

export function judgeOperator(sight: Sight): Fault[] {
  const { plan, stand, limits } = sight;
  const course = courseAt(stand, plan);
  if (course.operator !== 'yes' || !course.atRest) return [];
  const operator = operatorOf(sight);
  if (!operator) return [fault('operator-unwell', 'Flux Operator', 'has no Deployment any more', 5_000)];
  const missing = rolloutMissing(operator);
  const subject = nameOf(referenceOf(operator));
  return missing ? [fault('operator-unwell', subject, missing, limits.unready)] : [];
}

/** The Deployment that runs Flux Operator, by its image. */
export function operatorOf({ objects, plan }: Pick<Sight, 'objects' | 'plan'>): LiveObject | null {
  for (const object of objects.values())
    if (
      object.kind === 'Deployment' &&
      object.metadata.namespace === plan.target.namespace &&
      runsOperator(object)
    )
      return object;
  return null;
}
