/** Who owns an object: field managers, the annotations and labels by which Flux and Flux Operator mark what is theirs. */
import type { LiveObject, ManagedFieldsEntry } from './objects.ts';

export const marks = {
  /** Label of the Kustomization that owns the object. */
  kustomizationName: 'kustomize.toolkit.fluxcd.io/name',
  kustomizationNamespace: 'kustomize.toolkit.fluxcd.io/namespace',
  /** Label of the HelmRelease that made the object. */
  releaseName: 'helm.toolkit.fluxcd.io/name',
  releaseNamespace: 'helm.toolkit.fluxcd.io/namespace',
  /** `Ignore`: kustomize-controller neither applies nor (since 1.9) collects the object. */
  serverSideApply: 'kustomize.toolkit.fluxcd.io/ssa',
  prune: 'kustomize.toolkit.fluxcd.io/prune',
  instanceName: 'fluxcd.controlplane.io/name',
  instanceNamespace: 'fluxcd.controlplane.io/namespace',
  /** `disabled`: Flux Operator leaves the FluxInstance alone, also when it is deleted. */
  reconcile: 'fluxcd.controlplane.io/reconcile',
  /** How long Flux Operator works at one reconciliation; without it, five minutes. */
  reconcileTimeout: 'fluxcd.controlplane.io/reconcileTimeout',
  /** Asks any Flux controller for a reconciliation now. */
  requestedAt: 'reconcile.fluxcd.io/requestedAt',
} as const;

export const legacyManager = 'kustomize-controller';
export const operatorManager = 'flux-operator';

/** `manager:operation` of every entry except those of subresources (and those left out), sorted and without repetition. */
export function managersOf(
  object: LiveObject,
  counts: (entry: ManagedFieldsEntry) => boolean = () => true,
): string[] {
  const entries = (object.metadata.managedFields ?? []).filter(
    (entry) => !entry.subresource && counts(entry),
  );
  return [
    ...new Set(entries.map(({ manager, operation }) => `${manager ?? '?'}:${operation ?? '?'}`)),
  ].sort();
}

/** Where notes stand that change nothing: annotations and labels, and the annotations of the pods that a workload makes. */
const notes = [
  ['f:metadata', 'f:annotations'],
  ['f:metadata', 'f:labels'],
  ['f:spec', 'f:template', 'f:metadata', 'f:annotations'],
];

/** Whether all that an entry owns are notes. Not of an entry that does not tell. */
export function writesOnlyNotes({ fieldsV1 }: ManagedFieldsEntry): boolean {
  const within = (fields: unknown, path: string[]): boolean => {
    if (notes.some((note) => note.every((step, depth) => path[depth] === step))) return true;
    const owned = Object.entries((fields ?? {}) as Record<string, unknown>).filter(([name]) => name !== '.');
    return owned.length > 0 && owned.every(([name, below]) => within(below, [...path, name]));
  };
  return within(fieldsV1, []);
}

export function isAppliedBy(object: LiveObject, manager: string): boolean {
  return managersOf(object).includes(`${manager}:Apply`);
}

/** What stands between this object and being owned by Flux Operator alone; empty when nothing does. */
export function missingForOperator(object: LiveObject): string[] {
  const missing: string[] = [];
  const { labels = {}, annotations = {} } = object.metadata;
  if (!isAppliedBy(object, operatorManager)) missing.push(`not applied by ${operatorManager}`);
  if (managersOf(object).some((manager) => manager.startsWith(`${legacyManager}:`)))
    missing.push(`still has the field manager ${legacyManager}`);
  if (annotations[marks.serverSideApply]?.toLowerCase() !== 'ignore')
    missing.push(`lacks the annotation ${marks.serverSideApply}: Ignore`);
  if (labels[marks.kustomizationName] !== undefined)
    missing.push(`still has the label ${marks.kustomizationName}: ${labels[marks.kustomizationName]}`);
  return missing;
}

/** What Flux Operator left on this object; empty when it is not, or no longer, the operator's. */
export function operatorMarks(object: LiveObject): string[] {
  const found: string[] = [];
  const { labels = {}, annotations = {} } = object.metadata;
  if (managersOf(object).some((manager) => manager.startsWith(`${operatorManager}:`)))
    found.push(`still has the field manager ${operatorManager}`);
  if (annotations[marks.serverSideApply] !== undefined)
    found.push(`still has the annotation ${marks.serverSideApply}`);
  if (labels[marks.instanceName] !== undefined) found.push(`still has the label ${marks.instanceName}`);
  return found;
}

/** What stands between this object and being owned by the legacy Kustomization again; empty when nothing does. */
export function missingForLegacy(object: LiveObject, owner: { name: string; namespace: string }): string[] {
  const missing = operatorMarks(object);
  const { labels = {} } = object.metadata;
  if (!isAppliedBy(object, legacyManager)) missing.unshift(`not applied by ${legacyManager}`);
  // The namespace is applied by several Kustomizations, so its label may name another one.
  if (object.kind !== 'Namespace' && labels[marks.kustomizationName] !== owner.name)
    missing.push(`lacks the label ${marks.kustomizationName}: ${owner.name}`);
  return missing;
}
