/** Way back of `operator`: Flux Operator leaves Git and cluster, its own API last, and only once no FluxInstance is left. */
import { nameOf } from '../../cluster/objects.ts';
import { arrived, carryingBack } from '../carry.ts';
import { readBaseline } from '../baseline.ts';
import type { PhaseInput, PhaseResult } from '../contract.ts';
import { failure, refusal } from '../failure.ts';
import { changeOf } from '../planned.ts';
import { flux, type Session } from '../session.ts';
import { addedObjects } from './added-objects.ts';
import { removeAll } from './remove-instance.ts';
import { undoInGit, undone } from './undo.ts';

const operatorGroup = 'fluxcd.controlplane.io';

export function removeOperator(session: Session<PhaseInput>): Promise<PhaseResult> {
  return carryingBack(session, async (opened) => {
    const { target } = opened.plan;
    await assertNoInstance(session);
    const undo = await undoInGit(opened, 'operator');
    const kustomization = flux.kustomization(target.namespace, target.operatorKustomization);
    if (!undo.untouched)
      await arrived(undo, () =>
        opened.view.find(kustomization)
          ? { waiting: `${nameOf(kustomization)} to be gone` }
          : { value: true },
      );
    // The HelmRelease uninstalls the operator; its source must outlive it.
    const added = addedObjects(changeOf(opened.plan, 'operator'), target.namespace);
    await removeAll(
      opened,
      added.filter(({ kind }) => kind === 'HelmRelease'),
    );
    await removeAll(
      opened,
      added.filter(({ kind }) => kind !== 'HelmRelease'),
    );
    const crds = await removeOwnApi(session);
    return undone(undo, `Flux Operator is gone, with ${crds} CustomResourceDefinitions of its own`);
  });
}

/** @throws Refused */
async function assertNoInstance({ cluster }: Session): Promise<void> {
  const apiVersion = await cluster.discovery.preferredVersion(operatorGroup);
  const instances = apiVersion ? await cluster.list(apiVersion, 'FluxInstance') : [];
  if (instances.length === 0) return;
  throw failure('Refused', [
    refusal(
      'instance-left',
      `there is still a FluxInstance (${instances.map(({ metadata }) => metadata.name).join(', ')})`,
      'with the operator gone its finalizer would never clear, and with the API gone it would be deleted',
      'remove it first (the way back of stage), then retry',
    ),
  ]);
}

/** Removes the operator's CRDs if they came with this run; a ResourceSet that a person made keeps them. Returns how many. */
async function removeOwnApi(session: Session): Promise<number> {
  const { cluster } = session;
  const baseline = await readBaseline(session);
  const crds = (
    await cluster.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { metadataOnly: true })
  ).filter(
    ({ metadata }) =>
      metadata.name.endsWith(`.${operatorGroup}`) &&
      (metadata.creationTimestamp ?? '') >= baseline.takenAt.replace(/\.\d+Z$/, 'Z'),
  );
  const apiVersion = await cluster.discovery.preferredVersion(operatorGroup);
  const sets =
    apiVersion && crds.length > 0 ? await cluster.list(apiVersion, 'ResourceSet').catch(() => []) : [];
  if (sets.length > 0) return 0;
  const removed = await Promise.all(
    crds.map(({ metadata }) =>
      cluster.remove(
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          namespace: '',
          name: metadata.name,
        },
        { uid: metadata.uid },
      ),
    ),
  );
  return removed.filter(Boolean).length;
}
