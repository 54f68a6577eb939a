/** Which files a kustomize build (as Flux runs it) of a folder reaches, and through which kustomization files. */
import { posix } from 'node:path';
import { isManifest } from './snapshot.ts';
import { list, manifestsOf } from './manifests.ts';
import type { Tree } from './tree.ts';

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

interface Folder {
  files: string[];
  folders: Set<string>;
}

const memory = new WeakMap<Tree, { folders: Map<string, Folder>; builds: Map<string, Reach> }>();

/** Names that kustomize accepts, in its order. */
const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Normalizes a Flux `spec.path`: './a/b/' and 'a/b' are the same folder; '' is the root. */
export function folderPath(path: string): string {
  const normal = posix
    .normalize(path || '.')
    .replace(/\/$/, '')
    .replace(/^\//, '');
  return normal === '.' ? '' : normal;
}

/** The kustomization file of a folder, or null. */
export function kustomizationFile(tree: Tree, folder: string): string | null {
  const files = indexed(tree).folders.get(folder)?.files ?? [];
  for (const name of kustomizationNames) {
    const path = posix.join(folder, name);
    if (files.includes(path)) return path;
  }
  return null;
}

/** What building a folder reaches. Where the folder has no kustomization file, Flux takes every YAML below it. */
export function reachOf(tree: Tree, folder: string): Reach {
  const { builds } = indexed(tree);
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
  const value = manifestsOf(tree, file)[0]?.value ?? {};
  for (const entry of [...list(value, 'resources'), ...list(value, 'bases'), ...list(value, 'components')]) {
    if (typeof entry !== 'string') continue;
    const path = folderPath(posix.join(folder, entry));
    const known = indexed(tree).folders;
    if (known.get(posix.dirname(path) === '.' ? '' : posix.dirname(path))?.files.includes(path))
      reach.files.add(path);
    else if (known.has(path)) build(tree, path, reach, seen);
    else {
      reach.remote.push({ entry, file });
      continue;
    }
    reach.listedIn.set(path, file);
  }
}

/** As Flux's generator walks: a folder with a kustomization file is built, all other YAML is taken. */
function scan(tree: Tree, folder: string, reach: Reach, seen: Set<string>): void {
  const content = indexed(tree).folders.get(folder);
  for (const file of content?.files ?? []) if (isManifest(file)) reach.files.add(file);
  for (const below of content?.folders ?? []) {
    if (kustomizationFile(tree, below)) build(tree, below, reach, seen);
    else scan(tree, below, reach, seen);
  }
}

function indexed(tree: Tree): { folders: Map<string, Folder>; builds: Map<string, Reach> } {
  const known = memory.get(tree);
  if (known) return known;
  const folders = new Map<string, Folder>();
  const folderOf = (path: string): Folder => {
    let folder = folders.get(path);
    if (!folder) {
      folders.set(path, (folder = { files: [], folders: new Set() }));
      if (path !== '') folderOf(parentOf(path)).folders.add(path);
    }
    return folder;
  };
  for (const path of tree.paths()) folderOf(parentOf(path)).files.push(path);
  const index = { folders, builds: new Map<string, Reach>() };
  memory.set(tree, index);
  return index;
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '.' ? '' : parent;
}
