/** The other way round: which folders' builds read a file. Looked up for the few files of a commit, so nothing is built for it. */
import { posix } from 'node:path';
import { kustomizationFile } from './kustomize-folders.ts';
import { kustomizationIn, kustomizationNames, parentOf, referencesOf } from './kustomize-references.ts';
import { isBelow } from './snapshot.ts';
import type { Tree } from './tree.ts';

const lists = new WeakMap<Tree, string[]>();
const readers = new WeakMap<Tree, Map<string, Set<string>>>();

/** Folders whose build (as Flux does it, generated kustomizations included) reads the file. */
export function foldersReading(tree: Tree, file: string): Set<string> {
  let memory = readers.get(tree);
  if (!memory) readers.set(tree, (memory = new Map()));
  const known = memory.get(file);
  if (known) return known;
  const found = new Set<string>();
  const visited = new Set<string>();
  const visit = (path: string): void => {
    if (visited.has(path)) return;
    visited.add(path);
    for (const folder of foldersNaming(tree, path)) {
      found.add(folder);
      visit(folder);
    }
  };
  visit(file);
  const isKustomization = kustomizationNames.includes(posix.basename(file));
  if (isKustomization) {
    found.add(parentOf(file));
    visit(parentOf(file));
  }
  // Without a kustomization file a folder takes every YAML below, and every folder below that has one.
  const taken = [...found].filter((folder) => kustomizationFile(tree, folder) !== null);
  if (/\.ya?ml$/.test(file) && !isKustomization) taken.push(file);
  for (const path of taken) {
    for (let folder = path; folder !== '';) {
      folder = parentOf(folder);
      if (kustomizationFile(tree, folder) !== null) break;
      found.add(folder);
    }
  }
  memory.set(file, found);
  return found;
}

/** Folders whose kustomization file names a path itself. */
function foldersNaming(tree: Tree, path: string): string[] {
  const name = posix.basename(path);
  return kustomizationFiles(tree).flatMap((file) => {
    const folder = parentOf(file);
    // Parsing is dear, so look first for what an entry for the path would have to contain.
    const content = tree.read(file) ?? '';
    const isTelling =
      folder === '' || path.startsWith(`${folder}/`)
        ? content.includes(path.slice(folder === '' ? 0 : folder.length + 1)) || roundabout.test(content)
        : isBelow(folder, path)
          ? dotsOnly.test(content)
          : content.includes('..') && content.includes(name);
    if (!isTelling) return [];
    const value = kustomizationIn(tree, file)?.value ?? {};
    return referencesOf(value, folder).some((reference) => reference.path === path) ? [folder] : [];
  });
}

/** An entry that goes up after it went down, or doubles a slash. */
const roundabout = /[\w-]\/\.\.?\/|[\w-]\/\/[\w-]/;
/** An entry that only goes up. */
const dotsOnly = /\.\.\/*(["'\s,\]]|$)/;

function kustomizationFiles(tree: Tree): string[] {
  let files = lists.get(tree);
  if (!files)
    lists.set(
      tree,
      (files = tree.paths().filter((path) => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path))),
    );
  return files;
}
