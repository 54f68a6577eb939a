/** Way back of `adopt`: the instance is disabled live, every object goes back to where it came from, the legacy install resumes. */
import { recordOnCluster } from '../baseline.ts';
import { carryingBack } from '../carry.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import type { Session } from '../session.ts';
import { stepsOf } from '../shapes/index.ts';
import { handOverLive } from './hand-over-live.ts';
import { urgentWithoutGit } from './rescue.ts';
import { undoInGit, undone } from './undo.ts';

export function handBack(session: Session<PhaseInput>): Promise<PhaseResult> {
  return urgentWithoutGit(session, false, async () => {
    const record = await recordOnCluster(session);
    // Live first, before Git is asked for a plan: it may be down, and Flux is what is being rescued.
    const early = record?.run === session.input.run ? await handOverLive(session, record) : null;
    return carryingBack(session, async (opened) => {
      const { target, legacy } = opened.plan;
      const steps = stepsOf(opened.plan);
      const objects = early ?? (await handOverLive(session, { target, shape: legacy.shape }));
      const undo = await undoInGit(opened, 'adopt', steps.resumed(opened.plan));
      if (!undo.untouched) await steps.ownedAgain(undo, objects);
      return undone(
        undo,
        `${objects.length} objects belong to the legacy install again; the FluxInstance is disabled`,
      );
    });
  });
}
