/** What an object is after the patches of the kustomization file that lists it: gotk-sync.yaml is rarely what it looks like. */
import { posix } from 'node:path';
import { folderPath, kustomizationFile } from '../repo/kustomize-build.ts';
import { field, isRecord, list, manifestsOf, text, type Manifest } from '../repo/manifests.ts';
import type { Tree } from '../repo/tree.ts';
import { selects } from './flux-objects.ts';
import { parsePatch, targetOf } from './patch-body.ts';
import { patchesOfKustomization, type WrittenPatch } from './written-patches.ts';

/** The kustomization file in a file's own folder, if it lists the file. */
export function listOf(tree: Tree, file: string): Manifest | null {
  const folder = posix.dirname(file) === '.' ? '' : posix.dirname(file);
  const lister = kustomizationFile(tree, folder);
  const manifest = lister ? manifestsOf(tree, lister)[0] : undefined;
  const listed = list(manifest?.value, 'resources').some(
    (entry) => typeof entry === 'string' && folderPath(posix.join(folder, entry)) === file,
  );
  return manifest && listed ? manifest : null;
}

/** Whether a patch changes an object. */
export function patchSelects(
  { patch, target }: WrittenPatch,
  object: Pick<Manifest, 'group' | 'kind' | 'name'>,
): boolean {
  const body = parsePatch(patch);
  const by = target ?? (body ? targetOf(body) : null);
  return by !== null && selects({ ...by }, object);
}

/**
 * The object with the patches of its own list applied. Custom resources are merged the JSON way: maps by key, lists as a whole.
 * A patch that is not understood is left out; then the build of the planned commits shows the difference.
 */
export function patchedManifest(tree: Tree, manifest: Manifest): Manifest {
  const lister = listOf(tree, manifest.file);
  if (!lister) return manifest;
  const value = patchesOfKustomization(tree, lister)
    .filter((patch) => patchSelects(patch, manifest))
    .reduce<unknown>((current, { patch }) => {
      const body = parsePatch(patch);
      if (Array.isArray(body)) return body.reduce<unknown>(applyOperation, current);
      return isRecord(body)
        ? { ...(merge(current, body) as object), metadata: mergedMetadata(current, body) }
        : current;
    }, structuredClone(manifest.value));
  return isRecord(value) ? { ...manifest, value } : manifest;
}

/** A patch names its object; with a target that name is not the object's. */
function mergedMetadata(current: unknown, body: Record<string, unknown>): unknown {
  const merged = merge(field(current, 'metadata'), body['metadata'] ?? {});
  return { ...(merged as object), name: field(current, 'metadata', 'name') };
}

/** RFC 7386. */
function merge(current: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/** RFC 6902: add, replace and remove; what else there is only tests or moves. */
function applyOperation(current: unknown, operation: unknown): unknown {
  const path = text(operation, 'path')
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const op = text(operation, 'op');
  const parent = field(current, ...path.slice(0, -1));
  const last = path.at(-1) ?? '';
  const value = field(operation, 'value');
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : Number(last);
    if (op === 'add') parent.splice(at, 0, value);
    else if (op === 'replace') parent[at] = value;
    else if (op === 'remove') parent.splice(at, 1);
  } else if (isRecord(parent)) {
    if (op === 'add' || op === 'replace') parent[last] = value;
    else if (op === 'remove') delete parent[last];
  }
  return current;
}
