/** What a cluster applies from outside its own folder: shared bases and components, and apps that lie beside it. */
import { posix } from 'node:path';
import { folderPath, kustomizationFile, reachOf } from '../repo/kustomize-build.ts';
import { isFile, isFolder } from '../repo/kustomize-folders.ts';
import { isRecord } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import type { FluxKustomization } from './scene.ts';

/**
 * Files outside the folder that builds of the cluster read, sorted.
 * @param artifact what the cluster sees; @param applied Kustomizations on the cluster's source
 */
export function reachedElsewhere(artifact: Tree, folder: string, applied: FluxKustomization[]): string[] {
  if (folder === '') return [];
  const found = new Set<string>();
  const add = (path: string): void => {
    if (isFile(artifact, path)) found.add(path);
    else if (isFolder(artifact, path)) {
      const { files, kustomizations } = reachOf(artifact, path);
      for (const file of [...files, ...kustomizations]) found.add(file);
    }
  };
  for (const { folder: path, spec } of applied) {
    // What is applied to another cluster from here is not this one's.
    if (isRecord(spec['kubeConfig']) || isBelow(path, folder)) continue;
    // A folder above without a list of its own holds every other cluster, too.
    if (!isBelow(folder, path) || kustomizationFile(artifact, path)) add(path);
  }
  for (const path of waysOut(artifact, folder)) add(path);
  return [...found].filter((path) => !isBelow(path, folder)).sort();
}

/** An entry that goes up. */
const upwards = /^[^#\n]*?(?:^|[\s"'[,])(\.\.\/[^\s"'#,\]]*|\.\.)/gm;

/** Files and folders outside that the folder's kustomization files name; by their text, for parsing all of them is dear. */
function waysOut(tree: Tree, folder: string): Set<string> {
  const found = new Set<string>();
  for (const file of tree.paths()) {
    if (!isBelow(file, folder) || !/(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file)) continue;
    const text = tree.read(file) ?? '';
    if (!text.includes('..')) continue;
    for (const [, entry = ''] of text.matchAll(upwards)) {
      const path = folderPath(posix.join(posix.dirname(file), entry));
      if (!path.startsWith('..') && !isBelow(path, folder) && !isBelow(folder, path)) found.add(path);
    }
  }
  return found;
}
