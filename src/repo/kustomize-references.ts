/** Every file, folder and address that a kustomization file names, with the field it stands in. */
import { posix } from 'node:path';
import { list, manifestsOf, text, type Manifest } from './manifests.ts';
import type { Tree } from './tree.ts';

export interface Reference {
  /** As written. */
  entry: string;
  /** Where in the kustomization, e.g. ['resources', 2] or ['patches', 0, 'path']. */
  at: (string | number)[];
  /** Path in the repository; null for an address outside it. */
  path: string | null;
  /** Whether a folder may stand there, too. */
  folder: boolean;
}

/** Fields with a list of files or folders. */
const folderLists = ['resources', 'bases', 'components', 'generators', 'transformers', 'validators'];
/** Fields with a list of files. */
const fileLists = ['crds', 'configurations', 'patchesStrategicMerge'];
/** Fields with a list of objects that have a `path`. */
const pathLists = ['patches', 'patchesJson6902', 'replacements'];

/** Names that kustomize accepts, in its order. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Normalizes a Flux `spec.path`: './a/b/' and 'a/b' are the same folder; '' is the root. */
export function folderPath(path: string): string {
  const normal = posix
    .normalize(path || '.')
    .replace(/\/$/, '')
    .replace(/^\//, '');
  return normal === '.' ? '' : normal;
}

/** Folder of a path; '' is the root. */
export function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '.' ? '' : parent;
}

/** What a kustomization names; inline content is not among it. */
export function referencesOf(value: Record<string, unknown>, folder: string): Reference[] {
  const found: Reference[] = [];
  const add = (entry: unknown, at: (string | number)[], mayBeFolder: boolean): void => {
    // A text of several lines is content, not a path.
    if (typeof entry !== 'string' || entry === '' || entry.includes('\n')) return;
    const path = isRemote(entry) ? null : folderPath(posix.join(folder, entry));
    found.push({ entry, at, path, folder: mayBeFolder });
  };
  for (const key of folderLists) list(value, key).forEach((entry, index) => add(entry, [key, index], true));
  for (const key of fileLists) list(value, key).forEach((entry, index) => add(entry, [key, index], false));
  for (const key of pathLists)
    list(value, key).forEach((entry, index) => add(text(entry, 'path'), [key, index, 'path'], false));
  for (const key of ['configMapGenerator', 'secretGenerator']) {
    list(value, key).forEach((generator, index) => {
      list(generator, 'files').forEach((entry, item) =>
        add(
          typeof entry === 'string' ? entry.replace(/^[^=]*=/, '') : '',
          [key, index, 'files', item],
          false,
        ),
      );
      list(generator, 'envs').forEach((entry, item) => add(entry, [key, index, 'envs', item], false));
      add(text(generator, 'env'), [key, index, 'env'], false);
    });
  }
  add(text(value, 'openapi', 'path'), ['openapi', 'path'], false);
  return found;
}

/** The kustomization in a file; null where it is none that can be read. */
export function kustomizationIn(tree: Tree, file: string): Manifest | null {
  return manifestsOf(tree, file)[0] ?? null;
}

/**
 * Addresses that kustomize would fetch: anything with a scheme, Git's short forms, and host names without one.
 * @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/git/repospec.go
 */
export function isRemote(entry: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:(:|\/\/)/i.test(entry) ||
    /^(gh:|github\.com[/:]|[\w.-]+@[\w.-]+[:/])/i.test(entry) ||
    /[?&](ref|version|timeout|submodules)=/.test(entry) ||
    entry.includes('_git/')
  );
}
