/** Makes one adopted object what it was before the adoption, its field managers included. */
import type { JsonPatch } from '../../cluster/cluster.ts';
import { isClusterError } from '../../cluster/errors.ts';
import { keyOf, type LiveObject, nameOf } from '../../cluster/objects.ts';
import { isAppliedBy, marks, operatorManager } from '../../cluster/ownership.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { Session } from '../session.ts';

/** Kinds that are never deleted on a way back, whoever made them. */
const neverDeleted = new Set([
  'CustomResourceDefinition',
  'Namespace',
  'Deployment',
  'PersistentVolumeClaim',
]);

/**
 * Applied in the operator's name, the old content also removes what only the operator had set; then the field managers are put
 * back. What the adoption made anew goes.
 * @returns null when done, else why not; safe to repeat
 */
export async function putBack(
  { cluster }: Session,
  reference: ObjectReference,
  kept: Record<string, LiveObject | null>,
): Promise<string | null> {
  const before = kept[keyOf(reference)];
  for (let attempt = 1; ; attempt += 1) {
    const live = await cluster.find(reference);
    if (before === undefined) return `${nameOf(reference)} is not among the objects that were kept`;
    if (before === null) {
      if (!live) return null;
      if (neverDeleted.has(reference.kind)) return `${nameOf(reference)} was not there before the adoption`;
      await cluster.remove(reference, { uid: live.metadata.uid });
      return null;
    }
    if (!live) return `${nameOf(reference)} does not exist`;
    if (!isAdopted(live)) return null;
    try {
      const applied = isAsBefore(live, before)
        ? live
        : await cluster.applyAs(contentOf(before), operatorManager);
      await cluster.patch(reference, managersPatch(applied, before));
      return null;
    } catch (error) {
      const raced =
        isClusterError(error, 'conflict') || (isClusterError(error, 'invalid') && /test/.test(error.message));
      if (!raced || attempt >= 10) return `${nameOf(reference)}: ${(error as Error).message}`;
    }
  }
}

function isAdopted(object: LiveObject): boolean {
  return (
    isAppliedBy(object, operatorManager) || object.metadata.annotations?.[marks.serverSideApply] !== undefined
  );
}

/** The marks are gone, so only the managers are left to do. */
function isAsBefore(live: LiveObject, before: LiveObject): boolean {
  return (
    live.metadata.annotations?.[marks.serverSideApply] ===
      before.metadata.annotations?.[marks.serverSideApply] &&
    live.metadata.labels?.[marks.instanceName] === before.metadata.labels?.[marks.instanceName]
  );
}

/** Without what the API server and the controllers of Kubernetes keep for themselves. */
export function contentOf({ status: _status, metadata, ...rest }: LiveObject): LiveObject {
  const { name, namespace, labels, annotations = {} } = metadata;
  const { 'deployment.kubernetes.io/revision': _revision, ...kept } = annotations;
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
    },
  } as unknown as LiveObject;
}

/** The managers of before, and of now those of subresources. */
export function managersPatch(live: LiveObject, before: LiveObject): JsonPatch {
  const managedFields = [
    ...(before.metadata.managedFields ?? []).filter(({ subresource }) => !subresource),
    ...(live.metadata.managedFields ?? []).filter(({ subresource }) => subresource),
  ];
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
  ];
}
