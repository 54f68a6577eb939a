/**
 * What kustomize-controller deletes and what it leaves, as rules over plain data.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy
 */
import { text } from '../../repo/manifests.ts';
import { atLeast } from '../version.ts';
import type { BuiltObject } from './built-object.ts';

/** The fields of a Kustomization that decide about deletion. */
export interface Applier {
  prune: boolean;
  suspend: boolean;
  deletionPolicy: string;
}

export function applierOf(spec: Record<string, unknown>): Applier {
  return {
    // What is not plainly false (a variable, say) may be true.
    prune: spec['prune'] !== false && spec['prune'] !== undefined,
    suspend: spec['suspend'] === true,
    deletionPolicy: text(spec, 'deletionPolicy') || 'MirrorPrune',
  };
}

/** Whether the Kustomization does nothing around a commit: not there, or suspended, both before and after it. */
export function isIdle(before: Applier | null, after: Applier | null): boolean {
  return (before?.suspend ?? true) && (after?.suspend ?? true);
}

/**
 * Whether an object that leaves the source is deleted. Source and spec arrive one after the other, so either spec may be
 * the one that is at work then; deletionPolicy is not asked here.
 */
export function prunes(before: Applier, after: Applier): boolean {
  return before.prune || after.prune;
}

/** Whether deleting the Kustomization deletes what it applied. */
export function cascades({ prune, suspend, deletionPolicy }: Applier): boolean {
  if (suspend) return false;
  return deletionPolicy === 'MirrorPrune' ? prune : deletionPolicy !== 'Orphan';
}

const group = 'kustomize.toolkit.fluxcd.io';

/**
 * Why an object is never collected by a Kustomization; null where it is.
 * @param fluxVersion e.g. `2.9.2`; `ssa: Ignore` protects from 2.9 on only
 */
export function protection({ marks }: Pick<BuiltObject, 'marks'>, fluxVersion: string): string | null {
  const is = (mark: string, value: string): boolean =>
    marks[`${group}/${mark}`]?.toLowerCase() === value.toLowerCase();
  if (is('prune', 'disabled')) return `${group}/prune: disabled`;
  if (is('reconcile', 'disabled')) return `${group}/reconcile: disabled`;
  if (is('ssa', 'Ignore') && fluxVersion !== '' && atLeast(fluxVersion, '2.9')) return `${group}/ssa: Ignore`;
  return null;
}

/** Whether the controller leaves an object as it is on the cluster. */
export function isLeftAlone({ marks }: Pick<BuiltObject, 'marks'>): boolean {
  return (
    marks[`${group}/reconcile`]?.toLowerCase() === 'disabled' ||
    marks[`${group}/ssa`]?.toLowerCase() === 'ignore'
  );
}
