/** Phase `orphan`: the legacy owner of Flux stops pruning and is suspended; judged by its live fields, never by Ready. */
import { nameOf } from '../cluster/objects.ts';
import { arrived, carrying, commitPhase } from './carry.ts';
import type { PhaseInput, PhaseResult } from './contract.ts';
import { notOrphaned } from './legacy-owner.ts';
import { ownerOfPlan } from './planned.ts';
import type { Session } from './session.ts';
import { stepsOf } from './shapes/index.ts';

export function orphanLegacyOwner(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    const arrival = await commitPhase(opened, 'orphan');
    const reference = ownerOfPlan(opened.plan);
    const owner = await arrived(arrival, () => {
      const live = opened.view.find(reference);
      if (!live) return { waiting: `${nameOf(reference)}, which is gone`, hopeless: true };
      const missing = notOrphaned(live);
      return missing ? { waiting: `${nameOf(reference)} to have ${missing}` } : { value: live };
    });
    await stepsOf(opened.plan).orphaned?.(opened, owner);
    const kept = await session.evidence.keep(
      'legacy-owner.json',
      `${JSON.stringify({ uid: owner.metadata.uid, spec: owner.spec }, undefined, 2)}\n`,
    );
    return {
      commit: arrival.commit,
      alreadyDone: arrival.alreadyDone,
      summary: `${nameOf(reference)} is suspended, and neither prunes nor uninstalls any more`,
      evidence: [kept],
      findings: [],
    };
  });
}
