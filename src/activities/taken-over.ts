/** Works out which fields go when Flux Operator takes them over from a manager that a dry run can not speak for. Pure. */
import { field, type LiveObject, type ManagedFieldsEntry } from '../cluster/objects.ts';
import { legacyManager } from '../cluster/ownership.ts';

/** The one in whose name the dry run is made. */
function isSpokenFor({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return !subresource && manager === legacyManager && operation === 'Apply';
}

/**
 * Managers whose fields the operator makes its own, and so removes where its build lacks them (its `takeOwnershipFrom`).
 * @param overridden by `--override-manager`
 */
function isUnspoken(
  { manager = '', operation, subresource }: ManagedFieldsEntry,
  overridden: readonly string[],
): boolean {
  if (subresource) return false;
  // `flux` is what the command `flux bootstrap` applies as.
  if (manager.startsWith('kubectl') || manager === 'flux' || overridden.includes(manager)) return true;
  return operation === 'Update' && (manager === 'before-first-apply' || manager === 'helm');
}

/**
 * Paths of fields that the old managers alone own and that the build does not have.
 * @param overridden managers that the operator takes over because it is told so
 */
export function removedByTakeover(
  live: LiveObject,
  built: LiveObject,
  overridden: readonly string[] = [],
): string[][] {
  const entries = live.metadata.managedFields ?? [];
  if (!entries.some((entry) => isUnspoken(entry, overridden))) return [];
  const isTakenOver = (entry: ManagedFieldsEntry) => isSpokenFor(entry) || isUnspoken(entry, overridden);
  const taken = entries.filter((entry) => isTakenOver(entry));
  const kept = new Set(
    entries
      .filter((entry) => !isTakenOver(entry))
      .flatMap(({ fieldsV1 }) => leavesOf(fieldsV1 ?? {}).map((path) => JSON.stringify(path))),
  );
  const leaves = taken.flatMap(({ fieldsV1 }) => leavesOf(fieldsV1 ?? {}));
  const seen = new Set<string>();
  return leaves.filter((path) => {
    const key = JSON.stringify(path);
    if (seen.has(key) || kept.has(key)) return false;
    seen.add(key);
    const steps = stepsIn(live, path);
    return steps !== null && stepsIn(built, path) === null;
  });
}

/** The object without these fields, and without maps that they leave empty. */
export function withoutFields(object: LiveObject, paths: string[][]): LiveObject {
  const copy = structuredClone(object);
  for (const path of paths) removeAt(copy, path);
  return copy;
}

/** Leaves of a FieldsV1 tree: `f:` names a field, `k:` an entry of a list by its keys, `v:` one of a set by its value. */
function leavesOf(tree: Record<string, unknown>, above: string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, below]) => {
    if (key === '.') return [];
    const inner = leavesOf(below as Record<string, unknown>, [...above, key]);
    return inner.length > 0 ? inner : [[...above, key]];
  });
}

/** The value at a path, in a box of its own; null where there is none. */
function stepsIn(object: unknown, path: string[]): { value: unknown } | null {
  let current = object;
  for (const step of path) {
    const next = stepInto(current, step);
    if (next === undefined) return null;
    current = next;
  }
  return { value: current };
}

function stepInto(value: unknown, step: string): unknown {
  if (step.startsWith('f:')) return field(value, step.slice(2));
  if (!Array.isArray(value)) return undefined;
  const wanted = JSON.parse(step.slice(2)) as unknown;
  if (step.startsWith('v:')) return value.find((entry) => entry === wanted);
  return value.find((entry) =>
    Object.entries(wanted as Record<string, unknown>).every(([key, is]) => field(entry, key) === is),
  );
}

function removeAt(object: LiveObject, path: string[]): void {
  const last = path.at(-1);
  const parent = stepsIn(object, path.slice(0, -1))?.value;
  if (last === undefined || typeof parent !== 'object' || parent === null) return;
  if (last.startsWith('f:')) delete (parent as Record<string, unknown>)[last.slice(2)];
  else if (Array.isArray(parent)) parent.splice(parent.indexOf(stepInto(parent, last)), 1);
  const empty = Array.isArray(parent) ? parent.length === 0 : Object.keys(parent).length === 0;
  if (empty && path.length > 1) removeAt(object, path.slice(0, -1));
}
