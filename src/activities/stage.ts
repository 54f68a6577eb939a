/** Phase `stage`: the FluxInstance is added with reconciliation disabled, and what it would do is shown by a dry run. */
import { field, type LiveObject, nameOf } from '../cluster/objects.ts';
import { marks } from '../cluster/ownership.ts';
import { arrived, type Arrival, carrying, commitPhase, notReady } from './carry.ts';
import type { PhaseInput, PhaseResult } from './contract.ts';
import { dryRun } from './dry-run.ts';
import { failure, refusal } from './failure.ts';
import { assertOrphaned } from './legacy-owner.ts';
import { releaseMissing } from './operator.ts';
import { flux, type Session } from './session.ts';

export function stageInstance(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carrying(session, async (opened) => {
    await assertOrphaned(session, opened.plan);
    const arrival = await commitPhase(opened, 'stage');
    const instance = await instanceStaged(arrival);
    assertNoSync(instance);
    session.progress('building what the FluxInstance would apply');
    const shown = await dryRun(session, instance);
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
  const reference = flux.instance(target.namespace, target.instanceName);
  await arrived(arrival, () => {
    const missing =
      (target.instanceHelmRelease ? releaseMissing(arrival, target.instanceHelmRelease) : null) ??
      notReady(arrival, flux.kustomization(target.namespace, target.instanceKustomization));
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

function assertNoSync(instance: LiveObject): void {
  if (field(instance, 'spec', 'sync') === undefined) return;
  throw failure('Refused', [
    refusal(
      'instance-has-sync',
      `${nameOf({ ...instance, namespace: instance.metadata.namespace ?? '', name: instance.metadata.name })} has spec.sync on the cluster, and the plan has none`,
      'the Kustomization it generates has no decryption and would take over the objects of the existing root',
      'remove what adds spec.sync, then retry or roll back',
    ),
  ]);
}
