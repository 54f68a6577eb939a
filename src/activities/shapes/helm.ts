/** Helm: a HelmRelease upgrades Flux. It is suspended and its records are hidden first; it leaves, still suspended, at the end. */
import { type LiveObject, field, nameOf } from '../../cluster/objects.ts';
import { operatorMarks } from '../../cluster/ownership.ts';
import type { ClusterPlan, ObjectReference } from '../../plan/types.ts';
import { contentOf, managersPatch } from '../back/put-back.ts';
import { arrived } from '../carry.ts';
import { failure, refusal } from '../failure.ts';
import { changeOf, ownerOfPlan } from '../planned.ts';
import type { Session } from '../session.ts';
import { controllersOf, ownershipOf } from './controllers.ts';
import { handOverAsKept, keepObjects, keepReferences, keptObjects, ownedAsKept } from './kept-objects.ts';
import { hideRecords, releaseOf, showRecords, visibleRecords } from './release-records.ts';
import type { ShapeSteps } from './steps.ts';

/** Annotation of Helm on everything that a release made. */
const releaseName = 'meta.helm.sh/release-name';

/** File of the run's ref for what leaves with the release without being adopted. */
const leftFile = 'left-objects.json';

export const helm: ShapeSteps = {
  assertHarmless,
  async orphaned({ session }, owner) {
    const release = releaseOf(owner);
    if (release) await hideRecords(session, release);
  },
  async restoring({ session }) {
    await showRecords(session);
  },
  beforeAdoption: keepObjects,
  async beforeRetire({ session, plan }) {
    await assertHarmless(session, plan);
    const { inGit, left } = leaving(plan);
    await keepReferences(session, leftFile, left);
    return async (arrival) => {
      await arrived(arrival, () => {
        const there = inGit.find((reference) => arrival.view.find(reference) !== null);
        if (!there) return { value: true };
        const deleting = arrival.view.find(there)?.metadata.deletionTimestamp;
        return { waiting: `${nameOf(there)} to be ${deleting ? 'gone' : 'removed'}` };
      });
      const removed = await removeLeft(session, left);
      return `${[...inGit, ...removed].map(nameOf).join(', ')} left the cluster; nothing else did`;
    };
  },
  async retireUndone(undo) {
    const { plan, view, session } = undo;
    await putLeftBack(session);
    const owner = ownerOfPlan(plan);
    await arrived(undo, () => {
      const missing = leaving(plan).inGit.find(
        (reference) => !view.find(reference) || view.find(reference)?.metadata.deletionTimestamp,
      );
      if (missing) return { waiting: `${nameOf(missing)} to be back` };
      return field(view.find(owner), 'spec', 'suspend') === true
        ? { value: true }
        : { waiting: `${nameOf(owner)} to be suspended` };
    });
    return `${nameOf(owner)} is back, suspended, and its records are still hidden from helm`;
  },
  handOver: handOverAsKept,
  // The release stays suspended until the operator is gone: what it made is as it was, so it has nothing to do meanwhile.
  resumed: () => [],
  ownedAgain: (undo, objects) => ownedAsKept(undo, objects, 'the release', missingForRelease),
  legacyOwnership: (session, plan) => ownershipOf(session, controllersOf(plan), missingForRelease),
};

/** A release that is not suspended upgrades, or uninstalls when it is deleted; records that helm finds can be uninstalled by hand. @throws Refused */
async function assertHarmless(session: Session, plan: ClusterPlan): Promise<void> {
  const reference = ownerOfPlan(plan);
  const owner = await session.cluster.find(reference);
  if (!owner) return;
  const wrong: string[] = [];
  if (field(owner, 'spec', 'suspend') !== true) wrong.push('is not suspended');
  const release = releaseOf(owner);
  const found = release ? await visibleRecords(session, release) : 0;
  if (found > 0) wrong.push(`has ${found} records that helm finds`);
  if (wrong.length === 0) return;
  throw failure('Refused', [
    refusal(
      'owner-not-orphaned',
      `${nameOf(reference)} ${wrong.join(' and ')}`,
      'it could overwrite the controllers while they change hands, or uninstall them with the CRDs',
      'find out who changed it (kubectl get --show-managed-fields), let its parent reconcile, then retry',
    ),
  ]);
}

/** What Git takes away, and what stays behind then: names that the operator does not build, and the chart's HelmChart. */
function leaving(plan: ClusterPlan): { inGit: ObjectReference[]; left: ObjectReference[] } {
  const { collects } = changeOf(plan, 'retire');
  const isLeft = ({ apiVersion, kind }: ObjectReference): boolean =>
    kind === 'HelmChart' || !apiVersion.includes('.toolkit.fluxcd.io/');
  return { inGit: collects.filter((one) => !isLeft(one)), left: collects.filter((one) => isLeft(one)) };
}

/** Removes what the release made; an object of that name that Helm did not make is somebody else's. @returns what was removed */
async function removeLeft({ cluster }: Session, left: ObjectReference[]): Promise<ObjectReference[]> {
  const removed = await Promise.all(
    left.map(async (reference) => {
      const live = await cluster.find(reference);
      const own = reference.kind === 'HelmChart' || live?.metadata.annotations?.[releaseName] !== undefined;
      return live && own && (await cluster.remove(reference, { uid: live.metadata.uid })) ? reference : null;
    }),
  );
  return removed.filter((reference) => reference !== null);
}

/** Before the operator's own cluster roles go again, those of the chart are there. HelmCharts are made by helm-controller. */
async function putLeftBack(session: Session): Promise<void> {
  const { cluster } = session;
  for (const before of Object.values(await keptObjects(session, leftFile))) {
    if (!before || before.kind === 'HelmChart') continue;
    const reference = {
      apiVersion: before.apiVersion,
      kind: before.kind,
      namespace: before.metadata.namespace ?? '',
      name: before.metadata.name,
    };
    if (await cluster.find(reference)) continue;
    const made = await cluster.create(contentOf(before));
    await cluster.patch(reference, managersPatch(made, before));
  }
}

/** What stands between an object and being the release's own; the namespace is not of the chart. */
function missingForRelease(object: LiveObject): string[] {
  const { annotations = {} } = object.metadata;
  const missing = operatorMarks(object);
  if (object.kind !== 'Namespace' && annotations[releaseName] === undefined)
    missing.push(`lacks the annotation ${releaseName}`);
  return missing;
}
