/** Way back of `stage`: the FluxInstance leaves Git, then, disabled live and with the operator running, the cluster. */
import { isClusterError } from '../../cluster/errors.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { nameOf } from '../../cluster/objects.ts';
import { isAppliedBy, operatorManager } from '../../cluster/ownership.ts';
import { waitFor } from '../../cluster/wait.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { arrived, type Carrying, carryingBack } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { disableLive, isDisabled, ownsDisable } from '../live-annotation.ts';
import { changeOf, instanceOf, keeperOf } from '../planned.ts';
import { flux, type Session } from '../session.ts';
import { addedObjects } from './added-objects.ts';
import { undoInGit, undone } from './undo.ts';

export function removeInstance(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carryingBack(session, async (opened) => {
    const { target } = opened.plan;
    const reference = instanceOf(opened.plan);
    await disableLive(session, reference);
    await assertHandedBack(session, reference);
    const release = target.instanceHelmRelease
      ? flux.helmRelease(target.namespace, target.instanceHelmRelease)
      : null;
    // A suspended HelmRelease is removed without an uninstall.
    if (release && (await session.cluster.find(release)))
      await session.cluster.merge(release, { spec: { suspend: true } });
    const undo = await undoInGit(opened, 'stage');
    const kustomization = keeperOf(opened.plan);
    if (!undo.untouched)
      await arrived(undo, () =>
        opened.view.find(kustomization)
          ? { waiting: `${nameOf(kustomization)} to be gone` }
          : { value: true },
      );
    await deleteDisabled(opened, reference);
    const rest = addedObjects(changeOf(opened.plan, 'stage'), target.namespace).filter(
      ({ kind }) => kind !== 'FluxInstance',
    );
    await removeAll(opened, rest);
    return undone(undo, 'the FluxInstance is gone; nothing that it managed was touched');
  });
}

/** Deletes only what was seen disabled: the resource version is a precondition of the deletion. */
async function deleteDisabled({ session, view }: Carrying, reference: ObjectReference): Promise<void> {
  const { cluster } = session;
  for (;;) {
    const instance = await cluster.find(reference);
    if (!instance) break;
    if (!isDisabled(instance) || !ownsDisable(instance)) {
      await disableLive(session, reference);
      continue;
    }
    if (instance.metadata.deletionTimestamp) break;
    try {
      await cluster.remove(reference, {
        uid: instance.metadata.uid,
        resourceVersion: instance.metadata.resourceVersion,
      });
      break;
    } catch (error) {
      if (!isClusterError(error, 'conflict')) throw error;
    }
  }
  await waitFor(
    view,
    () =>
      view.find(reference)
        ? { waiting: `${nameOf(reference)} to be gone (the operator clears its finalizer)` }
        : { value: true },
    {
      timeout: session.timeouts.ready,
      signal: session.signal,
      progress: session.progress,
    },
  );
}

/** Removes objects side by side and waits until they are gone. */
export async function removeAll({ session, view }: Carrying, references: ObjectReference[]): Promise<void> {
  await Promise.all(references.map((reference) => session.cluster.remove(reference)));
  await waitFor(
    view,
    () => {
      const left = references.find((reference) => view.find(reference) !== null);
      return left ? { waiting: `${nameOf(left)} to be gone` } : { value: true };
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
}

/** @throws Refused while Flux Operator still owns what the legacy owner should own */
async function assertHandedBack({ cluster }: Session, reference: ObjectReference): Promise<void> {
  const instance = await cluster.find(reference);
  const objects = instance ? inventoryOf(instance) : [];
  const live = await Promise.all(objects.map((object) => cluster.find(object)));
  const owned = live.filter((object) => object !== null && isAppliedBy(object, operatorManager));
  if (owned.length === 0) return;
  throw failure('Refused', [
    refusal(
      'still-adopted',
      `Flux Operator still owns ${owned.length} objects`,
      'without its FluxInstance nobody would keep them, and the legacy owner skips them',
      'hand them back first (the way back of adopt), then retry',
    ),
  ]);
}
