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
  const merges = list(manifest.value, 'patchesStrategicMerge').flatMap((entry, index) => {
    if (typeof entry !== 'string') return [];
    const where = manifest.place('patchesStrategicMerge', index);
    const inline = /\n|^\s*\w+:/.test(entry);
    return documentsOf(inline ? entry : (tree.read(posix.join(folder, entry)) ?? '')).map((patch) => ({
      patch,
      where,
      comments: [],
      lines: null,
    }));
  });
  return [
    ...inComponents,
    ...merges,
    ...entriesOf(tree, manifest, ['patches']),
    ...entriesOf(tree, manifest, ['patchesJson6902']),
  ];
}

function entriesOf(tree: Tree, manifest: Manifest, path: string[]): WrittenPatch[] {
  const texts = listEntryTexts(tree.read(manifest.file) ?? '', manifest.index, path);
  return list(manifest.value, ...path).flatMap((entry, index): WrittenPatch[] => {
    if (!isRecord(entry)) return [];
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
  });
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
