/** Finds Kubernetes objects in a tree's YAML, with the file and line of everything that is looked at. */
import { isMap, isNode, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { Place } from '../plan/types.ts';
import { isBelow, isManifest } from './snapshot.ts';
import type { Tree } from './tree.ts';

/** One object as written in a file. */
export interface Manifest {
  file: string;
  /** Which document of the file, from 0. */
  index: number;
  apiVersion: string;
  /** API group, '' for core. */
  group: string;
  kind: string;
  name: string;
  /** As written; '' where it is left out. */
  namespace: string;
  value: Record<string, unknown>;
  /** Where a field stands (or its nearest parent that does). */
  place(...path: (string | number)[]): Place;
}

const memory = new WeakMap<Tree, Map<string, Manifest[]>>();

/**
 * Objects of one file; none where it is absent or no valid YAML (a template, say).
 * Parsed once per tree.
 */
export function manifestsOf(tree: Tree, file: string): Manifest[] {
  let known = memory.get(tree);
  if (!known) memory.set(tree, (known = new Map()));
  let manifests = known.get(file);
  if (!manifests) known.set(file, (manifests = parseManifests(file, tree.read(file) ?? '')));
  return manifests;
}

/** What the flux CLI writes: controllers and CRDs alone, and a second's work to parse. */
const generatedInstall = /(^|\/)gotk-components\.ya?ml$/;

/** Objects of all files below a folder whose text matches: parsing is dear, so look for the telling words first. */
export function findManifests(tree: Tree, folder: string, telling: RegExp): Manifest[] {
  return tree
    .paths()
    .filter((path) => !generatedInstall.test(path))
    .filter((path) => isManifest(path) && isBelow(path, folder) && telling.test(tree.read(path) ?? ''))
    .flatMap((path) => manifestsOf(tree, path));
}

function parseManifests(file: string, source: string): Manifest[] {
  const lines = new LineCounter();
  let documents: Document.Parsed[];
  try {
    documents = [...parseAllDocuments(source, { lineCounter: lines, merge: true })] as Document.Parsed[];
  } catch {
    return [];
  }
  return documents.flatMap((document, index) => {
    if (document.errors.length > 0) return [];
    const value = document.toJS() as unknown;
    if (!isRecord(value)) return [];
    const apiVersion = asText(value['apiVersion']);
    const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
    const manifest: Manifest = {
      file,
      index,
      apiVersion,
      group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
      kind: asText(value['kind']),
      name: asText(metadata['name']),
      namespace: asText(metadata['namespace']),
      value,
      place: (...path) => ({ file, line: lineOf(document, lines, path) }),
    };
    return [manifest];
  });
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair && isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else next = document.getIn(path.slice(0, path.indexOf(step) + 1), true);
    if (!isNode(next)) break;
    if (typeof step === 'number') offset = next.range?.[0] ?? offset;
    node = next;
  }
  return lines.linePos(offset).line;
}

/** A plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value below a path of keys, or undefined. */
export function field(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null
        ? (current as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** A string field, '' where it is absent; numbers and booleans as they are written. */
export function text(value: unknown, ...path: (string | number)[]): string {
  return asText(field(value, ...path));
}

function asText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

/** A list field, [] where it is absent. */
export function list(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}
