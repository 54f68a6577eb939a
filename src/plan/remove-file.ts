/** Takes a file out of the repository together with every mention in kustomization files, up to folders that become empty. */
import { posix } from 'node:path';
import { addListEntry, EditRefused, removeDocuments, removeListEntry } from '../repo/edit.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { list, manifestsOf, type Manifest } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import { overlayTree, type Tree } from '../repo/tree.ts';

const lists = ['resources', 'components', 'bases'];

/** Contents by path; null: removed. */
export type Edits = Record<string, string | null>;

/**
 * @param top folder in which kustomization files are searched for mentions
 * @throws EditRefused
 */
export function removeFile(tree: Tree, top: string, path: string): Edits {
  return { [path]: null, ...removeMentions(overlayTree(tree, { [path]: null }), top, path) };
}

/**
 * Removes objects: whole files where nothing else is in them, else only their documents.
 * @param top as for `removeFile`; @throws EditRefused
 */
export function removeObjects(tree: Tree, top: string, doomed: Manifest[]): Edits {
  const edits: Edits = {};
  for (const file of new Set(doomed.map((manifest) => manifest.file))) {
    const current = overlayTree(tree, edits);
    const inFile = doomed.filter((manifest) => manifest.file === file).map(({ index }) => index);
    const others = manifestsOf(current, file).length - inFile.length;
    Object.assign(
      edits,
      others > 0
        ? { [file]: removeDocuments(current.read(file) ?? '', inFile) }
        : // What lies outside is listed outside, too.
          removeFile(current, isBelow(file, top) ? top : '', file),
    );
  }
  return edits;
}

function removeMentions(tree: Tree, top: string, path: string): Edits {
  const edits: Edits = {};
  const files = tree
    .paths()
    .filter(
      (file) =>
        /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file) &&
        isBelow(file, top) &&
        mentions(tree.read(file), posix.basename(path)),
    );
  for (const file of files) {
    let text = tree.read(file) ?? '';
    const value = manifestsOf(tree, file)[0]?.value;
    const found = lists.flatMap((key) =>
      list(value, key).flatMap((entry) =>
        typeof entry === 'string' && folderPath(posix.join(posix.dirname(file), entry)) === path
          ? [{ key, entry }]
          : [],
      ),
    );
    if (found.length === 0) continue;
    const remaining = lists.flatMap((key) => list(value, key)).length - found.length;
    if (remaining === 0) {
      const folder = posix.dirname(file);
      Object.assign(edits, removeFile(overlayTree(tree, edits), top, file));
      if (folder !== '.') Object.assign(edits, removeMentions(overlayTree(tree, edits), top, folder));
      continue;
    }
    for (const { key, entry } of found) text = removeListEntry(text, 0, [key], entry);
    edits[file] = text;
  }
  return edits;
}

function mentions(text: string | null, word: string): boolean {
  return text?.includes(word) ?? false;
}

/**
 * Adds an entry to the resources of a kustomization file, where it belongs if entries of its kind are sorted, else at the end.
 * @param entry without `./`
 * @throws EditRefused
 */
export function addToList(tree: Tree, listFile: string, entry: string, dotSlash: boolean): string {
  const text = tree.read(listFile);
  if (text === null) throw new EditRefused(`${listFile} is not there`);
  const form = (value: string): string => `${value.split('/').length} ${/\.ya?ml$/.test(value)}`;
  const all = list(manifestsOf(tree, listFile)[0]?.value, 'resources').map((value, position) => ({
    value: String(value).replace(/^\.\//, ''),
    position,
  }));
  // The namespace comes first in most lists, whatever its name.
  const alike = all.filter(({ value }) => form(value) === form(entry) && value !== 'namespace.yaml');
  const neighbours = [alike, all].find((entries) => entries.length > 1 && isSorted(entries)) ?? [];
  const before = neighbours.filter(({ value }) => value < entry).at(-1);
  return addListEntry(text, 0, ['resources'], `${dotSlash ? './' : ''}${entry}`, before?.position);
}

function isSorted(entries: { value: string }[]): boolean {
  return entries.every(({ value }, index) => index === 0 || (entries[index - 1]?.value ?? '') < value);
}
