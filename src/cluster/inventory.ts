/** Inventories of Kustomizations and FluxInstances: the ids in `status.inventory.entries` and the objects they name. */
import { type LiveObject, listField, textField } from './objects.ts';
import type { ObjectReference } from '../plan/types.ts';

/**
 * Parses `<namespace>_<name>_<group>_<kind>` as written by cli-utils' ObjMetadata; RBAC names have `:` written as `__`.
 * Null for anything else.
 */
export function parseInventoryEntry(id: string, version: string): ObjectReference | null {
  const first = id.indexOf('_');
  const last = id.lastIndexOf('_');
  const beforeLast = id.lastIndexOf('_', last - 1);
  if (first < 0 || beforeLast <= first || last <= beforeLast) return null;
  const group = id.slice(beforeLast + 1, last);
  const name = id.slice(first + 1, beforeLast).replaceAll('__', ':');
  const kind = id.slice(last + 1);
  if (name === '' || kind === '' || version === '') return null;
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    namespace: id.slice(0, first),
    name,
  };
}

/** What the object says it manages; empty when it says nothing. */
export function inventoryOf(owner: LiveObject): ObjectReference[] {
  return listField(owner, 'status', 'inventory', 'entries')
    .map((entry) => parseInventoryEntry(textField(entry, 'id') ?? '', textField(entry, 'v') ?? ''))
    .filter((reference) => reference !== null);
}
