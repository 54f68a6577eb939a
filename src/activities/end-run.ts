/** Gives the cluster free again: releases the Lease if it is ours. The baseline stays, for those who come later. */
import { releaseLease } from '../cluster/lease.ts';
import type { PhaseResult } from './contract.ts';
import { assertIdentity } from './guard.ts';
import type { Session } from './session.ts';

export async function endRun(session: Session): Promise<PhaseResult> {
  await assertIdentity(session);
  const released = await releaseLease(session.cluster, session.namespace, session.holder);
  return {
    commit: null,
    alreadyDone: !released,
    summary: released ? 'the Lease is released' : 'the Lease was not held by this run any more',
    evidence: [],
    findings: [],
  };
}
