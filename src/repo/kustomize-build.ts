/** Which files a kustomize build (as Flux runs it) of a folder reaches, and through which kustomization files. */
import { filesIn, foldersIn, isFile, isFolder, kustomizationFile } from './kustomize-folders.ts';
import { kustomizationIn, referencesOf } from './kustomize-references.ts';
import type { Tree } from './tree.ts';

export { kustomizationFile } from './kustomize-folders.ts';
export { folderPath } from './kustomize-references.ts';

export interface Reach {
  /** Resource files of the build. */
  files: Set<string>;
  /** kustomization files, outermost first. */
  kustomizations: string[];
  /** Resources that are not in this repository. */
  remote: { entry: string; file: string }[];
  /** The kustomization file that names a file or folder; absent where Flux generates one. */
  listedIn: Map<string, string>;
}

const memory = new WeakMap<Tree, Map<string, Reach>>();

/** What building a folder reaches. Where the folder has no kustomization file, Flux takes every YAML below it. */
export function reachOf(tree: Tree, folder: string): Reach {
  let builds = memory.get(tree);
  if (!builds) memory.set(tree, (builds = new Map()));
  const known = builds.get(folder);
  if (known) return known;
  const reach: Reach = { files: new Set(), kustomizations: [], remote: [], listedIn: new Map() };
  builds.set(folder, reach);
  const seen = new Set<string>();
  if (kustomizationFile(tree, folder)) build(tree, folder, reach, seen);
  else scan(tree, folder, reach, seen);
  return reach;
}

function build(tree: Tree, folder: string, reach: Reach, seen: Set<string>): void {
  if (seen.has(folder)) return;
  seen.add(folder);
  const file = kustomizationFile(tree, folder);
  if (!file) return;
  reach.kustomizations.push(file);
  for (const { entry, at, path } of referencesOf(kustomizationIn(tree, file)?.value ?? {}, folder)) {
    if (!['resources', 'bases', 'components'].includes(String(at[0]))) continue;
    if (path !== null && isFile(tree, path)) reach.files.add(path);
    else if (path !== null && isFolder(tree, path)) build(tree, path, reach, seen);
    else {
      reach.remote.push({ entry, file });
      continue;
    }
    reach.listedIn.set(path, file);
  }
}

/** As Flux's generator walks: a folder with a kustomization file is built, all other YAML is taken. */
function scan(tree: Tree, folder: string, reach: Reach, seen: Set<string>): void {
  for (const file of filesIn(tree, folder)) if (/\.ya?ml$/.test(file)) reach.files.add(file);
  for (const below of foldersIn(tree, folder)) {
    if (kustomizationFile(tree, below)) build(tree, below, reach, seen);
    else scan(tree, below, reach, seen);
  }
}
