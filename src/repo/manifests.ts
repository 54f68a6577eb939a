/** Finds Kubernetes objects in a tree's YAML and JSON, with the file and line of everything that is looked at. */
import { isMap, isNode, isScalar, type LineCounter, type Document } from 'yaml';
import type { Place } from '../plan/types.ts';
import { isManifest } from './snapshot.ts';
import type { Tree } from './tree.ts';
import {
  parsePart,
  splitDocuments,
  tooMany,
  type DocumentText,
  type ParsedDocument,
} from './yaml-documents.ts';

/** One object as written in a file. */
export interface Manifest {
  file: string;
  /** Which document of the file, from 0. */
  index: number;
  /** Which item of a `kind: List` it is, from 0; null for an object of its own. Items are read, never edited. */
  item: number | null;
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

/** A place that can not be read, and why. */
export interface FileProblem extends Place {
  what: string;
}

interface FileContent {
  manifests: Manifest[];
  problems: FileProblem[];
}

const memory = new WeakMap<Tree, Map<string, FileContent>>();

/**
 * Objects of one file; none where it is absent, and none of documents that can not be read (`problemsOf` tells of them).
 * Parsed once per tree.
 */
export function manifestsOf(tree: Tree, file: string): Manifest[] {
  return contentOf(tree, file).manifests;
}

/** What of a file can not be read: no YAML, a key given twice, a template, no text; [] where all can. */
export function problemsOf(tree: Tree, file: string): FileProblem[] {
  return contentOf(tree, file).problems;
}

function contentOf(tree: Tree, file: string): FileContent {
  const { origin } = tree;
  // An overlay or an artifact shares its texts with the tree below.
  if (origin && !memory.get(tree)?.has(file)) {
    const source = tree.read(file);
    if (source !== null && source === origin.read(file)) return contentOf(origin, file);
  }
  let known = memory.get(tree);
  if (!known) memory.set(tree, (known = new Map()));
  let content = known.get(file);
  if (!content) known.set(file, (content = readContent(tree, file)));
  return content;
}

/** What the flux CLI writes: controllers and CRDs alone, and a second's work to parse. */
const generatedInstall = /(^|\/)gotk-components\.ya?ml$/;

/** Objects of all files below a folder whose text matches: parsing is dear, so look for the telling words first. */
export function findManifests(tree: Tree, folder: string, telling: RegExp): Manifest[] {
  return manifestsAmong(tree, manifestPaths(tree, folder), telling);
}

/** The same of given files. */
export function manifestsAmong(tree: Tree, files: readonly string[], telling: RegExp): Manifest[] {
  return files
    .filter((path) => telling.test(tree.read(path) ?? ''))
    .flatMap((path) => manifestsOf(tree, path));
}

const listed = new WeakMap<Tree, string[]>();

/** Files below a folder that can hold objects, in order: a large repository is asked for hundreds of folders. */
function manifestPaths(tree: Tree, folder: string): string[] {
  let all = listed.get(tree);
  if (!all)
    listed.set(
      tree,
      (all = tree
        .paths()
        .filter((path) => isManifest(path) && !generatedInstall.test(path))
        .sort()),
    );
  if (folder === '') return all;
  // The character after the slash ends the range of everything that begins with the folder.
  return all.slice(firstFrom(all, `${folder}/`), firstFrom(all, `${folder}0`));
}

/** Index of the first entry that is not before `bound`. */
function firstFrom(sorted: string[], bound: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

const noText = {
  symlink: 'a symbolic link, which Flux leaves out of what it hands to kustomize',
  submodule: 'a Git submodule, whose content is not in this repository',
};

function readContent(tree: Tree, file: string): FileContent {
  const source = tree.read(file);
  if (source === null) {
    if (!tree.paths().includes(file)) return { manifests: [], problems: [] };
    const oddity = tree.oddity?.(file);
    return {
      manifests: [],
      problems: [{ file, line: 1, what: oddity ? noText[oddity] : 'not UTF-8 text' }],
    };
  }
  const manifests: Manifest[] = [];
  const problems: FileProblem[] = [];
  const isLong = source.length > lightAbove;
  let index = 0;
  const parts = splitDocuments(source);
  const excess = tooMany(parts);
  if (excess) return { manifests, problems: [{ file, ...excess }] };
  for (const part of parts) {
    const light = isLong && !interesting.test(part.text) ? lightManifest(file, index, part) : null;
    if (light) {
      manifests.push(light);
      index += 1;
      continue;
    }
    const parsed = parsePart(part);
    if (!Array.isArray(parsed)) {
      problems.push({ file, ...parsed });
      index += 1;
      continue;
    }
    for (const each of parsed) manifests.push(...objectsIn(file, index++, part.offset, each));
  }
  return { manifests, problems };
}

/** Above so many characters, documents that do not concern Flux's wiring are only parsed when somebody looks inside. */
const lightAbove = 256 * 1024;
const interesting = /fluxcd\.io\/v|kustomize\.config|^kind: *\S*List\b/m;

/** The object of a long file's document by its first-level lines; null where they are not plain to see. */
function lightManifest(file: string, index: number, part: DocumentText): Manifest | null {
  const { text: source, offset } = part;
  const value = (key: string): string =>
    new RegExp(`^${key}: *["']?([\\w./-]+)["']? *\\r?$`, 'm').exec(source)?.[1] ?? '';
  const metadata = /^metadata:\r?\n((?:[ \t#].*\n|\r?\n)+)/m.exec(source)?.[1] ?? '';
  const own = /^( +)name: *["']?([\w.:-]+)["']? *\r?$/m.exec(metadata);
  const [apiVersion, kind] = [value('apiVersion'), value('kind')];
  // Deeper names (of an ownerReference, say) come after a deeper indent than the first key's.
  const indent = /^( +)\S/m.exec(metadata)?.[1];
  if (!apiVersion || !kind || !own || own[1] !== indent) return null;
  const namespace = new RegExp(`^${indent}namespace: *["']?([\\w.-]+)["']? *\\r?$`, 'm').exec(metadata);
  let parsed: Manifest | null | undefined;
  const whole = (): Manifest | null => {
    if (parsed !== undefined) return parsed;
    const found = parsePart(part);
    return (parsed =
      Array.isArray(found) && found[0] ? (objectsIn(file, index, offset, found[0])[0] ?? null) : null);
  };
  return {
    file,
    index,
    item: null,
    apiVersion,
    group: groupOf(apiVersion),
    kind,
    name: own[2] ?? '',
    namespace: namespace?.[1] ?? '',
    get value() {
      return whole()?.value ?? {};
    },
    place: (...path) => whole()?.place(...path) ?? { file, line: offset + 1 },
  };
}

function objectsIn(
  file: string,
  index: number,
  offset: number,
  { document, lines, value }: ParsedDocument,
): Manifest[] {
  if (!isRecord(value)) return [];
  const object = (content: Record<string, unknown>, item: number | null): Manifest => {
    const apiVersion = asText(content['apiVersion']);
    const metadata = isRecord(content['metadata']) ? content['metadata'] : {};
    const prefix = item === null ? [] : ['items', item];
    return {
      file,
      index,
      item,
      apiVersion,
      group: groupOf(apiVersion),
      kind: asText(content['kind']),
      name: asText(metadata['name']),
      namespace: asText(metadata['namespace']),
      value: content,
      place: (...path) => ({ file, line: offset + lineOf(document, lines, [...prefix, ...path]) }),
    };
  };
  // kustomize takes a List apart.
  const isList = asText(value['kind']).endsWith('List') && Array.isArray(value['items']);
  return isList
    ? list(value, 'items').flatMap((item, position) => (isRecord(item) ? [object(item, position)] : []))
    : [object(value, null)];
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [depth, step] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair && isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else next = document.getIn(path.slice(0, depth + 1), true);
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
