/** Way back of `retire`: the legacy owner returns to Git and cluster, still orphaned and suspended, so that it owns nothing yet. */
import { keyOf, nameOf } from '../../cluster/objects.ts';
import { arrived, carrying } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { notOrphaned } from '../legacy-owner.ts';
import { changeOf, ownerOfPlan } from '../planned.ts';
import type { Session } from '../session.ts';
import { undoInGit, undone } from './undo.ts';

export function restoreRetired(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    const undo = await undoInGit(opened, 'retire');
    const owner = ownerOfPlan(opened.plan);
    const { collects } = changeOf(opened.plan, 'retire');
    await arrived(undo, () => {
      const missing = collects.find(
        (reference) =>
          !opened.view.find(reference) || opened.view.find(reference)?.metadata.deletionTimestamp,
      );
      if (missing) return { waiting: `${nameOf(missing)} to be back` };
      const live = opened.view
        .objects('Kustomization')
        .find(
          (object) =>
            keyOf({ ...owner, namespace: object.metadata.namespace ?? '', name: object.metadata.name }) ===
            keyOf(owner),
        );
      const fields = live ? notOrphaned(live) : '';
      return fields ? { waiting: `${nameOf(owner)} to have ${fields}` } : { value: true };
    });
    return undone(undo, `${nameOf(owner)} is back, suspended and without pruning`);
  });
}
