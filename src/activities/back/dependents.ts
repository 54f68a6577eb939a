/** What people have built on Flux Operator since: named one by one before the way back takes the operator away. */
import type { Cluster } from '../../cluster/cluster.ts';
import { inventoryOf } from '../../cluster/inventory.ts';
import { keyOf, listField, type LiveObject, nameOf, referenceOf, textField } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { DependentsResult, Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import { assertIdentity } from '../guard.ts';
import { changeOf, plannedAtBase } from '../planned.ts';
import { flux, type Session } from '../session.ts';
import { addedObjects } from './added-objects.ts';

const operatorGroup = 'fluxcd.controlplane.io';
const notificationGroup = 'notification.toolkit.fluxcd.io';
/** Kinds of the operator that a notification may speak of; a FluxReport is made by the operator itself. */
const operatorKinds = new Set(['FluxInstance', 'FluxReport', 'ResourceSet', 'ResourceSetInputProvider']);

/** Nothing that the plan itself adds is among them. */
export async function findDependents(session: Session): Promise<DependentsResult> {
  const [, { plan }] = await Promise.all([assertIdentity(session), plannedAtBase(session)]);
  session.progress('looking for what was built on Flux Operator');
  const { cluster, settings } = session;
  const planned = new Set(plannedKeys(plan));
  const kubectl = `kubectl --context ${settings.context}`;
  const [instances, sets, providers, alerts, receivers] = await Promise.all([
    listed(cluster, operatorGroup, 'FluxInstance'),
    listed(cluster, operatorGroup, 'ResourceSet'),
    listed(cluster, operatorGroup, 'ResourceSetInputProvider'),
    listed(cluster, notificationGroup, 'Alert'),
    listed(cluster, notificationGroup, 'Receiver'),
  ]);
  const unplanned = (object: LiveObject): boolean => !planned.has(keyOf(referenceOf(object)));
  return {
    dependents: [
      ...instances.filter(unplanned).map((object) => instanceFinding(object, kubectl)),
      ...sets.filter(unplanned).map((object) => setFinding(object, kubectl)),
      ...providers.filter(unplanned).map((object) => inputFinding(object, kubectl)),
      ...alerts.filter(unplanned).flatMap((object) => pointerFinding(object, ['eventSources'], kubectl)),
      ...receivers.filter(unplanned).flatMap((object) => pointerFinding(object, ['resources'], kubectl)),
    ],
  };
}

function plannedKeys(plan: ClusterPlan): string[] {
  const { namespace, instanceName } = plan.target;
  return [
    keyOf(flux.instance(namespace, instanceName)),
    ...(['operator', 'stage'] as const).flatMap((phase) =>
      addedObjects(changeOf(plan, phase), namespace).map(keyOf),
    ),
  ];
}

async function listed(cluster: Cluster, group: string, kind: string): Promise<LiveObject[]> {
  const apiVersion = await cluster.discovery.preferredVersion(group);
  if (!apiVersion) return [];
  const served = await cluster.discovery.resourcesOfGroups(group);
  const version = served.find((resource) => resource.kind === kind)?.apiVersion;
  return version ? cluster.list(version, kind) : [];
}

const place = ({ metadata }: LiveObject): string => `-n ${metadata.namespace ?? ''}`;

function instanceFinding(object: LiveObject, kubectl: string): Finding {
  return refusal(
    'built-on-operator',
    `${nameOf(referenceOf(object))} is not of this handover`,
    'without the operator its finalizer never clears; enabled, its deletion takes what it manages along',
    `disable it (${kubectl} ${place(object)} annotate fluxinstance ${object.metadata.name} ${marks.reconcile}=disabled --overwrite), take it out of Git, delete it, then retry`,
  );
}

function setFinding(object: LiveObject, kubectl: string): Finding {
  const made = inventoryOf(object).length;
  const { name } = object.metadata;
  return refusal(
    'built-on-operator',
    `${nameOf(referenceOf(object))} manages ${made} objects`,
    'without the operator nobody keeps them, and the ResourceSet can not be deleted any more: its finalizer never clears',
    `to keep what it made: take it out of Git, then ${kubectl} ${place(object)} annotate resourceset ${name} ${marks.reconcile}=disabled --overwrite && ${kubectl} ${place(object)} delete resourceset ${name}; then retry. Without the annotation its deletion deletes what it made`,
  );
}

function inputFinding(object: LiveObject, kubectl: string): Finding {
  return refusal(
    'built-on-operator',
    `${nameOf(referenceOf(object))} feeds ResourceSets`,
    'without the operator it exports nothing more, and its finalizer never clears',
    `take it out of Git and delete it while the operator runs: ${kubectl} ${place(object)} delete resourcesetinputprovider ${object.metadata.name}; then retry`,
  );
}

/** An Alert or a Receiver that names objects of the operator. */
function pointerFinding(object: LiveObject, path: string[], kubectl: string): Finding[] {
  const pointed = listField(object, 'spec', ...path).flatMap((entry) => {
    const kind = textField(entry, 'kind') ?? '';
    return operatorKinds.has(kind) ? [`${kind} ${textField(entry, 'name') ?? '*'}`] : [];
  });
  if (pointed.length === 0) return [];
  const kind = object.kind.toLowerCase();
  return [
    refusal(
      'built-on-operator',
      `${nameOf(referenceOf(object))} points at ${pointed.join(', ')}`,
      'what it points at goes with the operator: it never fires again, and says nothing of it',
      `take these entries out of it in Git, or the whole ${kind} (${kubectl} ${place(object)} delete ${kind} ${object.metadata.name}), then retry`,
    ),
  ];
}
