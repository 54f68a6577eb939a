/** Collects kustomize patches as they are written, wherever they may stand: inline, in files, in older fields, in components. */
import { posix } from 'node:path';
import { folderPath, kustomizationFile } from '../repo/kustomize-build.ts';
import { isRecord, list, manifestsOf, text, type Manifest } from '../repo/manifests.ts';
import type { Tree } from '../repo/tree.ts';
import type { PatchTarget } from './patch-body.ts';
import { listEntryTexts } from './patch-text.ts';
import type { Place } from './types.ts';

export interface WrittenPatch {
  patch: string;
  target?: PatchTarget;
  where: Place;
  /** Comment lines above it. */
  comments: string[];
  /** The list entry as text, where it can be moved as it is; else null. */
  lines: string[] | null;
}

/** `spec.patches` of a Flux Kustomization. */
export function patchesOfOwner(tree: Tree, owner: Manifest): WrittenPatch[] {
  return entriesOf(tree, owner, ['spec', 'patches']);
}

/** Everything that patches in a kustomization file and the components it names, in the order in which kustomize applies it. */
export function patchesOfKustomization(tree: Tree, manifest: Manifest): WrittenPatch[] {
  const folder = posix.dirname(manifest.file);
  const inComponents = list(manifest.value, 'components').flatMap((entry) => {
    const file =
      typeof entry === 'string' ? kustomizationFile(tree, folderPath(posix.join(folder, entry))) : null;
    const component = file ? manifestsOf(tree, file)[0] : undefined;
    return component ? patchesOfKustomization(tree, component) : [];
  });
  return [
    ...inComponents,
    ...['patchesStrategicMerge', 'patches', 'patchesJson6902'].flatMap((key) =>
      patchesIn(tree, manifest, key).flatMap(({ patches }) => patches),
    ),
  ];
}

/** The patches of each entry of one list, which may be several where it names a file. */
export function patchesIn(
  tree: Tree,
  manifest: Manifest,
  key: string,
): { position: number; patches: WrittenPatch[] }[] {
  return list(manifest.value, key).map((entry, position) => ({
    position,
    patches:
      typeof entry === 'string'
        ? mergesOf(tree, manifest, key, entry, position)
        : entryOf(tree, manifest, [key], entry, position),
  }));
}

/** An entry of `patchesStrategicMerge`: a file, or the patch itself. */
function mergesOf(tree: Tree, manifest: Manifest, key: string, entry: string, index: number): WrittenPatch[] {
  const where = manifest.place(key, index);
  const inline = /\n|^\s*\w+:/.test(entry);
  const source = inline ? entry : (tree.read(posix.join(posix.dirname(manifest.file), entry)) ?? '');
  return documentsOf(source).map((patch) => ({ patch, where, comments: [], lines: null }));
}

function entriesOf(tree: Tree, manifest: Manifest, path: string[]): WrittenPatch[] {
  return list(manifest.value, ...path).flatMap((entry, index) => entryOf(tree, manifest, path, entry, index));
}

function entryOf(
  tree: Tree,
  manifest: Manifest,
  path: string[],
  entry: unknown,
  index: number,
): WrittenPatch[] {
  if (!isRecord(entry)) return [];
  const texts = listEntryTexts(tree.read(manifest.file) ?? '', manifest.index, path);
  const target = isRecord(entry['target']) ? (entry['target'] as PatchTarget) : undefined;
  const base = { ...(target ? { target } : {}), where: manifest.place(...path, index) };
  const comments = texts[index]?.comments ?? [];
  const file = text(entry, 'path');
  if (file)
    return split(tree.read(posix.join(posix.dirname(manifest.file), file)) ?? '', target).map((patch) => ({
      ...base,
      patch,
      comments,
      lines: null,
    }));
  const plain = Object.keys(entry).every((key) => key === 'patch' || key === 'target');
  const lines = plain ? (texts[index]?.lines ?? null) : null;
  return split(text(entry, 'patch'), target).map((patch, _position, all) => ({
    ...base,
    patch,
    comments,
    lines: all.length === 1 ? lines : null,
  }));
}

/** Several strategic merge documents in one patch are several patches; what has a target stays as it is. */
function split(patch: string, target: PatchTarget | undefined): string[] {
  const documents = target ? [patch] : documentsOf(patch);
  return documents.length > 1 ? documents : [patch];
}

function documentsOf(source: string): string[] {
  return source
    .replaceAll('\r', '')
    .split(/^---\s*$/m)
    .filter((document) => document.split('\n').some((line) => line.trim() !== '' && !/^\s*#/.test(line)))
    .map((document) => document.replace(/^\n+/, ''));
}
