/** Hands one object's field ownership from Flux Operator back to kustomize-controller, as one conditional JSON patch. Pure. */
import type { JsonPatch } from '../../cluster/cluster.ts';
import type { LiveObject } from '../../cluster/objects.ts';
import { isAppliedBy, legacyManager, marks, operatorManager } from '../../cluster/ownership.ts';

/**
 * Removes `ssa: Ignore` and renames the manager of the applied fields, so that the next apply by kustomize-controller also removes
 * what only Flux Operator had set. Tests the resource version: somebody else's write in between fails the patch.
 * @returns null when there is nothing to hand back
 */
export function ownershipPatch(object: LiveObject): JsonPatch | null {
  const { managedFields = [], annotations = {}, resourceVersion } = object.metadata;
  const marked = annotations[marks.serverSideApply] !== undefined;
  const owned = managedFields.some(
    ({ manager, operation }) => manager === operatorManager && operation === 'Apply',
  );
  if (!marked && !owned) return null;
  // Two entries of one manager can not be; where the legacy one is still there, the operator's simply goes.
  const both = isAppliedBy(object, legacyManager);
  const renamed = managedFields.flatMap((entry) => {
    if (entry.manager !== operatorManager || entry.operation !== 'Apply') return [entry];
    return both ? [] : [{ ...entry, manager: legacyManager }];
  });
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(marked
      ? [
          {
            op: 'remove' as const,
            path: `/metadata/annotations/${marks.serverSideApply.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          },
        ]
      : []),
    ...(owned ? [{ op: 'replace' as const, path: '/metadata/managedFields', value: renamed }] : []),
  ];
}
