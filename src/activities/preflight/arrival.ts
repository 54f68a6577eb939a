/** Has the cluster what Git has: the commit of the plan, the roots' fields, the legacy owner in the right inventory? Pure. */
import { inventoryOf } from '../../cluster/inventory.ts';
import { field, keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { commitOf, revisionOf } from '../../cluster/health.ts';
import type { ObjectReference } from '../../plan/types.ts';
import type { Finding } from '../contract.ts';
import { differencesOf } from '../differences.ts';
import { refusal, warning } from '../failure.ts';

/** It passes by itself, so it is no part of what an approval is bound to. */
export const behindId = 'commit-behind';

/** @param source the live Git source; @param commit at which the plan was made */
export function judgeCommit(source: LiveObject, commit: string, context: string): Finding[] {
  const running = commitOf(revisionOf(source));
  if (running === '' || running === commit) return [];
  return [
    warning(
      behindId,
      `${nameOf(referenceOf(source))} has commit ${running.slice(0, 8)}, the plan was made at ${commit.slice(0, 8)}`,
      'the cluster does not run what the plan was made from, yet or any more',
      `flux --context ${context} -n ${source.metadata.namespace ?? ''} reconcile source git ${source.metadata.name}; if it stays so, look at its branch and credentials`,
    ),
  ];
}

/**
 * Fields that Git sets and the cluster has otherwise. Values are not shown: substitutions may hold anything.
 * @param written the object as in Git
 */
export function judgeDrift(written: Record<string, unknown>, live: LiveObject): Finding[] {
  const paths = differencesOf(written['spec'] ?? {}, live.spec ?? {})
    .filter(({ before }) => before !== undefined && !JSON.stringify(before).includes('${'))
    .map(({ path }) => `spec.${path}`);
  if (paths.length === 0) return [];
  return [
    warning(
      'drift',
      `${nameOf(referenceOf(live))} differs from Git in ${[...new Set(paths)].join(', ')}`,
      'somebody edited it by hand, or a parent patches it; what Git says is what the plan was made from',
      'bring Git and cluster together, unless a parent patches it on purpose',
    ),
  ];
}

/** What leaves Git in the end must be in the inventory of the one that prunes it. */
export function judgeOwnerInventory(owner: ObjectReference, roots: LiveObject[]): Finding[] {
  if (roots.some((root) => inventoryOf(root).some((entry) => keyOf(entry) === keyOf(owner)))) return [];
  return [
    refusal(
      'owner-not-in-inventory',
      `${nameOf(owner)} is in the inventory of none of ${roots.map((root) => nameOf(referenceOf(root))).join(', ')}`,
      'removing it from Git would leave it on the cluster: nothing prunes it',
      'let the root apply it once more (flux reconcile kustomization … --with-source) and look at its labels kustomize.toolkit.fluxcd.io/{name,namespace}',
    ),
  ];
}

/** Whether the source follows Git at all. */
export function isGitSource(live: LiveObject | null): live is LiveObject {
  return live !== null && field(live, 'kind') === 'GitRepository';
}
