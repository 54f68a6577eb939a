/** Way back of `retire`: the legacy install returns to Git (and its owner to the cluster), where it owns nothing yet. */
import { carryingBack } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import type { Session } from '../session.ts';
import { stepsOf } from '../shapes/index.ts';
import { undoInGit, undone } from './undo.ts';

export function restoreRetired(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carryingBack(session, async (opened) => {
    const undo = await undoInGit(opened, 'retire');
    if (undo.untouched) return undone(undo, 'the legacy install never left Git');
    return undone(undo, await stepsOf(opened.plan).retireUndone(undo));
  });
}
