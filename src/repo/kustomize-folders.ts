/** The folders of a tree: what lies directly in each, and whether kustomize would build it. */
import { kustomizationNames, parentOf } from './kustomize-references.ts';
import type { Tree } from './tree.ts';

interface Folder {
  files: Set<string>;
  folders: Set<string>;
}

const memory = new WeakMap<Tree, Map<string, Folder>>();

/** Files directly in a folder, by their whole paths. */
export function filesIn(tree: Tree, folder: string): Iterable<string> {
  return foldersOf(tree).get(folder)?.files ?? [];
}

/** Folders directly in a folder, by their whole paths. */
export function foldersIn(tree: Tree, folder: string): Iterable<string> {
  return foldersOf(tree).get(folder)?.folders ?? [];
}

export function isFile(tree: Tree, path: string): boolean {
  return foldersOf(tree).get(parentOf(path))?.files.has(path) ?? false;
}

export function isFolder(tree: Tree, path: string): boolean {
  return foldersOf(tree).has(path);
}

/** The kustomization file of a folder, or null. */
export function kustomizationFile(tree: Tree, folder: string): string | null {
  const files = foldersOf(tree).get(folder)?.files;
  if (!files) return null;
  for (const name of kustomizationNames) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (files.has(path)) return path;
  }
  return null;
}

function foldersOf(tree: Tree): Map<string, Folder> {
  const known = memory.get(tree);
  if (known) return known;
  const folders = new Map<string, Folder>();
  const folderOf = (path: string): Folder => {
    let folder = folders.get(path);
    if (!folder) {
      folders.set(path, (folder = { files: new Set(), folders: new Set() }));
      if (path !== '') folderOf(parentOf(path)).folders.add(path);
    }
    return folder;
  };
  for (const path of tree.paths()) folderOf(parentOf(path)).files.add(path);
  memory.set(tree, folders);
  return folders;
}
