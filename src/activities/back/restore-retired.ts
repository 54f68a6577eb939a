/** Way back of `retire`: the instance is disabled live, then the legacy install returns to Git (and its owner to the cluster). */
import { recordOnCluster } from '../baseline.ts';
import { carryingBack } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import type { Session } from '../session.ts';
import { stepsOf } from '../shapes/index.ts';
import { disableFirst } from './hand-over-live.ts';
import { urgentWithoutGit } from './rescue.ts';
import { undoInGit, undone } from './undo.ts';

/** What returns owns nothing yet; the operator, which still owns it all, changes nothing any more, whatever is wrong with it. */
export function restoreRetired(session: Session<PhaseInput>): Promise<PhaseResult> {
  return urgentWithoutGit(session, true, async () => {
    const record = await recordOnCluster(session);
    const known = record?.run === session.input.run;
    if (known) await disableFirst(session, record, 'retire');
    return carryingBack(session, async (opened) => {
      if (!known) await disableFirst(session, opened.plan, 'retire');
      const undo = await undoInGit(opened, 'retire');
      if (undo.untouched) return undone(undo, 'the legacy install never left Git');
      return undone(undo, await stepsOf(opened.plan).retireUndone(undo));
    });
  });
}
