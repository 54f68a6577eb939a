/** Phase `stage`: the FluxInstance is added with reconciliation disabled, and what it would do is shown by a dry run. */
import { type LiveObject, nameOf, referenceOf } from '../cluster/objects.ts';
import { marks } from '../cluster/ownership.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { arrived, type Arrival, carrying, commitPhase, notReady } from './carry.ts';
import type { PhaseInput, PhaseResult } from './contract.ts';
import { dryRun } from './dry-run.ts';
import { failure, refusal } from './failure.ts';
import { releaseMissing } from './operator.ts';
import { instanceOf, keeperOf } from './planned.ts';
import type { Session } from './session.ts';
import { stepsOf } from './shapes/index.ts';
import { syncFault } from './sync.ts';

export function stageInstance(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    await stepsOf(opened.plan).assertHarmless(session, opened.plan);
    const arrival = await commitPhase(opened, 'stage');
    const instance = await instanceStaged(arrival);
    assertSync(instance, opened.plan);
    session.progress('building what the FluxInstance would apply');
    const shown = await dryRun(session, instance, opened.plan);
    return {
      commit: arrival.commit,
      alreadyDone: arrival.alreadyDone,
      summary: `the FluxInstance is there and disabled; enabling it would change ${shown.changedObjects} of ${shown.objects} objects, ${shown.findings.length} differences need a look`,
      evidence: shown.evidence,
      findings: shown.findings,
    };
  });
}

async function instanceStaged(arrival: Arrival): Promise<LiveObject> {
  const { session, plan } = arrival;
  const { target } = plan;
  const reference = instanceOf(plan);
  await arrived(arrival, () => {
    const missing =
      (target.instanceHelmRelease ? releaseMissing(arrival, target.instanceHelmRelease) : null) ??
      notReady(arrival, keeperOf(plan));
    return missing ?? { value: true };
  });
  const instance = await session.cluster.read(reference);
  // Ready alone says nothing here: an instance that was created disabled reports Ready with reason ReconciliationDisabled.
  if (instance.metadata.annotations?.[marks.reconcile] === 'disabled') return instance;
  throw failure('Refused', [
    refusal(
      'instance-not-disabled',
      `${nameOf(reference)} is on the cluster without the annotation ${marks.reconcile}: disabled`,
      'Flux Operator would take the controllers over before the cutover was approved',
      'find out what removes the annotation (a patch in a parent Kustomization?), then retry or roll back',
    ),
  ]);
}

function assertSync(instance: LiveObject, plan: ClusterPlan): void {
  const fault = syncFault(instance, plan.target.sync);
  if (!fault) return;
  throw failure('Refused', [
    refusal(
      'instance-sync-differs',
      `${nameOf(referenceOf(instance))} ${fault} on the cluster`,
      "what it generates would take over the wrong objects, or take the cluster's root to another place, whose pruning deletes the difference",
      'find out what changes spec.sync (a patch in a parent Kustomization?), then retry or roll back',
    ),
  ]);
}
