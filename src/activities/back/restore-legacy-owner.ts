/** Way back of `orphan`: exactly the legacy files again; the legacy owner reconciles and prunes as it did before. */
import { healthOf } from '../../cluster/health.ts';
import { conditionOf, field, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { excusedIn, readBaseline } from '../baseline.ts';
import { arrived, type Carrying, carryingBack, reconciledAnew, settled } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { changeOf, ownerOfPlan } from '../planned.ts';
import { flux, type Session } from '../session.ts';
import { stepsOf } from '../shapes/index.ts';
import { resumedOwner } from './resumed-owner.ts';
import { undoInGit, undone } from './undo.ts';

export function restoreLegacyOwner(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carryingBack(session, async (opened) => {
    const baseline = await readBaseline(session);
    const { plan, view } = opened;
    await stepsOf(plan).restoring?.(opened);
    const undo = await undoInGit(opened, 'orphan', await fileOfOwner(opened));
    const owner = ownerOfPlan(plan);
    if (undo.untouched) return undone(undo, `${nameOf(owner)} was never changed`);
    const reconciled = await arrived<boolean>(undo, () => {
      const live = view.find(owner);
      if (!live) return { waiting: `${nameOf(owner)} to be there` };
      const restored =
        field(live, 'spec', 'suspend') !== true &&
        (owner.kind === 'HelmRelease' ||
          (field(live, 'spec', 'prune') === true) === (plan.legacy.owner?.prune ?? true));
      if (!restored) return { waiting: `${nameOf(owner)} to be as it was` };
      return reconciledSince(live, undo.alreadyDone);
    });
    if (!reconciled) await reconciledAnew(undo, owner);
    // Both the owner and the apps' root apply the controllers' namespace: the root goes last, as it does in everyday life.
    await reconciledAnew(undo, flux.kustomization(plan.target.namespace, plan.target.parentKustomization));
    await settled(undo, excusedIn(baseline));
    return undone(undo, `${nameOf(owner)} is in charge again, as before the handover`);
  });
}

/**
 * Whether the owner, which is restored, has reconciled since; false where it is to be asked: it failed, and by itself would try again
 * after its interval, which may be hours. A failed attempt leaves observedGeneration behind (kustomize-controller writes it with Ready
 * True), so Ready False counts at any generation. A repeated step asks in any case: the commit is there, and nothing else would move it.
 */
export function reconciledSince(
  owner: LiveObject,
  repeated: boolean,
): { value: boolean } | { waiting: string } {
  const { state, message } = healthOf(owner);
  if (state === 'ready') return { value: true };
  if (repeated || conditionOf(owner, 'Ready')?.status === 'False') return { value: false };
  return { waiting: `${nameOf(referenceOf(owner))}: ${message || 'Ready'}` };
}

/** The owner's file may stand as `orphan` left it, or as the handing back did; either way it becomes what it was. */
async function fileOfOwner({ session, plan, fetched }: Carrying) {
  if (plan.legacy.owner?.kind === 'HelmRelease') return [];
  const repository = await session.repository();
  await fetched;
  const head = await repository.tree(await repository.head(session.settings.branch), []);
  const { path, after: resumed } = resumedOwner(plan);
  const original = changeOf(plan, 'orphan').files.find((file) => file.path === path)?.before ?? null;
  return head.read(path) === resumed ? [{ path, before: resumed, after: original }] : [];
}
