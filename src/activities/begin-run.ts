/** Takes the cluster for this run: Lease, baseline on the cluster, baseline in Git. The first writes of a run. */
import { takeLease } from '../cluster/lease.ts';
import { takeSnapshotAtRest } from '../cluster/snapshot.ts';
import { writeBaseline } from './baseline.ts';
import type { PhaseResult } from './contract.ts';
import { assertIdentity } from './guard.ts';
import { plannedAtBase } from './planned.ts';
import { recordOf } from './run-record.ts';
import type { Session } from './session.ts';

/** @throws LockHeld | WrongCluster */
export async function beginRun(session: Session): Promise<PhaseResult> {
  const { input, cluster, namespace, options } = session;
  session.progress('looking at the cluster');
  const [clusterUid, snapshot, { plan }] = await Promise.all([
    assertIdentity(session),
    takeSnapshotAtRest(cluster, namespace, 20_000),
    plannedAtBase(session),
  ]);
  session.progress('taking the Lease');
  await takeLease(cluster, namespace, session.holder, {
    fleet: input.config.fleet,
    cluster: input.cluster,
    temporal: options.temporalAddress,
  });
  session.progress('writing the baseline');
  const baseline = await writeBaseline(session, snapshot, recordOf(input, plan, clusterUid));
  const kept = await session.evidence.keep('baseline.json', `${JSON.stringify(baseline, undefined, 2)}\n`);
  return {
    commit: null,
    alreadyDone: baseline.takenAt !== snapshot.takenAt,
    summary: `run ${input.run} holds the Lease; the baseline of ${Object.keys(baseline.objects).length} objects lies on the cluster and in refs/handover/${input.run}`,
    evidence: [kept],
    findings: [],
  };
}
