/** The annotation that disables a FluxInstance, set and cleared live with our own field manager. */
import type { LiveObject } from '../cluster/objects.ts';
import { field } from '../cluster/objects.ts';
import { fieldManager } from '../cluster/cluster.ts';
import { marks } from '../cluster/ownership.ts';
import type { ObjectReference } from '../plan/types.ts';
import { failure, refusal } from './failure.ts';
import type { Session } from './session.ts';

/** Whether our live write owns the annotation: then Git's removal does not enable the instance, and only we can clear it. */
export function ownsDisable(instance: LiveObject): boolean {
  return (instance.metadata.managedFields ?? []).some(
    ({ manager, fieldsV1 }) =>
      manager === fieldManager &&
      field(fieldsV1, 'f:metadata', 'f:annotations', `f:${marks.reconcile}`) !== undefined,
  );
}

export function isDisabled(instance: LiveObject): boolean {
  return instance.metadata.annotations?.[marks.reconcile] === 'disabled';
}

/**
 * Disables the instance live, in a way that survives a change of Git: where Git had set the annotation first, writing the same
 * value is a no-op that owns nothing, so it is applied server-side, which makes it ours as well. Null when there is no instance.
 */
export async function disableLive(
  { cluster }: Session,
  reference: ObjectReference,
): Promise<LiveObject | null> {
  const instance = await cluster.find(reference);
  if (!instance) return null;
  if (isDisabled(instance) && ownsDisable(instance)) return instance;
  const applied = await cluster.apply({ ...reference, annotations: { [marks.reconcile]: 'disabled' } });
  if (isDisabled(applied)) return applied;
  throw failure('NotReady', [
    refusal(
      'not-disabled',
      'the FluxInstance did not take the annotation that disables it',
      'deleting or changing an enabled instance uninstalls Flux',
      'look for an admission policy that removes it, then retry',
    ),
  ]);
}

/** Clears our own live annotation, and only ours. True when there was one. */
export async function clearLiveDisable({ cluster }: Session, reference: ObjectReference): Promise<boolean> {
  const instance = await cluster.find(reference);
  if (!instance || !ownsDisable(instance)) return false;
  const released = await cluster.apply({ ...reference, annotations: {} });
  // Written by an Update (kubectl annotate), it does not go with an empty apply.
  if (isDisabled(released) && ownsDisable(released))
    await cluster.merge(reference, { metadata: { annotations: { [marks.reconcile]: null } } });
  return true;
}
