/** Edits YAML as text, so that nothing but the intended lines changes; each edit is proved by parsing both versions. */
import { isDeepStrictEqual } from 'node:util';
import { isScalar, Scalar, stringify, type Node } from 'yaml';
import {
  EditRefused,
  endOf,
  endOfNode,
  insertLineAfter,
  lineEnd,
  lineStart,
  listAt,
  mapAt,
  pairOf,
  parseDocuments,
  rangeOf,
  splice,
  type FieldPath,
} from './yaml-text.ts';

export { EditRefused } from './yaml-text.ts';

/** A change of scalar fields, in order; `after` names the sibling below which a new key is written. */
export interface FieldSetting {
  path: FieldPath;
  value: string | boolean | number;
  after?: string;
}

/** Sets scalar fields of one document (index from 0); missing keys are added in the style of their siblings. */
export function setFields(text: string, document: number, settings: FieldSetting[]): string {
  let edited = text;
  for (const setting of settings) edited = setField(edited, document, setting);
  return proved(text, edited, (values) => {
    for (const { path, value } of settings) assign(values[document], path, value);
  });
}

function setField(text: string, index: number, { path, value, after }: FieldSetting): string {
  const parent = mapAt(text, index, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  const existing = pairOf(parent, key);
  const written = stringify(value).trimEnd();
  if (existing) {
    const node = existing.value as Node | null;
    if (isScalar(node) && node.range && node.type?.startsWith('BLOCK') !== true)
      return splice(text, node.range[0], node.range[1], written);
    throw new EditRefused(`${path.join('.')} is not a plain value`);
  }
  const anchor = (after === undefined ? undefined : pairOf(parent, after)) ?? parent.items.at(-1);
  if (!anchor) throw new EditRefused(`${path.slice(0, -1).join('.')} is empty`);
  if (parent.flow) return splice(text, endOf(anchor), endOf(anchor), `, ${key}: ${written}`);
  const start = rangeOf(anchor.key as Node)[0];
  const indent = ' '.repeat(start - lineStart(text, start));
  return insertLineAfter(text, endOf(anchor), `${indent}${key}: ${written}`);
}

/** Adds a string to a list of one document, behind the entry at `position` (default: the last). */
export function addListEntry(
  text: string,
  document: number,
  path: FieldPath,
  entry: string,
  position?: number,
): string {
  const list = listAt(text, document, path);
  const at = position ?? list.items.length - 1;
  const neighbour = list.items[at] as Node | undefined;
  const written = quotedLike(list.items, entry);
  let edited: string;
  if (!neighbour) {
    const [start, end] = rangeOf(list);
    if (!list.flow) throw new EditRefused(`${path.join('.')} has no entries`);
    edited = splice(text, start, end, `[${written}]`);
  } else if (list.flow) {
    edited = splice(text, rangeOf(neighbour)[1], rangeOf(neighbour)[1], `, ${written}`);
  } else {
    const start = rangeOf(neighbour)[0];
    const prefix = text.slice(lineStart(text, start), start);
    if (!/^\s*-\s+$/.test(prefix))
      throw new EditRefused(`an entry of ${path.join('.')} does not begin its own line`);
    edited = insertLineAfter(text, endOfNode(neighbour), `${prefix}${written}`);
  }
  return proved(text, edited, (values) => {
    (valueAt(values[document], path) as unknown[]).splice(at + 1, 0, entry);
  });
}

/** A string in the quotes that all its neighbours have. */
function quotedLike(neighbours: unknown[], entry: string): string {
  const scalar = new Scalar(entry);
  const types = new Set(neighbours.map((node) => (isScalar(node) ? node.type : undefined)));
  const [type] = types;
  if (types.size === 1 && (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE')) scalar.type = type;
  return stringify(scalar).trimEnd();
}

/** Removes every entry of a list that equals `entry`; an emptied list is refused, since kustomize rejects it. */
export function removeListEntry(text: string, document: number, path: FieldPath, entry: string): string {
  const list = listAt(text, document, path);
  const positions = list.items.flatMap((item, position) =>
    isScalar(item) && item.value === entry ? [position] : [],
  );
  if (positions.length === 0) throw new EditRefused(`${path.join('.')} has no entry ${entry}`);
  if (positions.length === list.items.length) throw new EditRefused(`${path.join('.')} would become empty`);
  let edited = text;
  for (const position of positions.toReversed()) {
    const [start, end] = rangeOf(list.items[position] as Node);
    if (list.flow) {
      const next = list.items[position + 1] as Node | undefined;
      const previous = list.items[position - 1] as Node | undefined;
      edited = next
        ? splice(edited, start, rangeOf(next)[0], '')
        : splice(edited, previous ? rangeOf(previous)[1] : start, end, '');
    } else {
      edited = splice(edited, lineStart(edited, start), lineEnd(edited, end), '');
    }
  }
  return proved(text, edited, (values) => {
    const entries = valueAt(values[document], path) as unknown[];
    entries.splice(0, entries.length, ...entries.filter((value) => value !== entry));
  });
}

/** Removes whole documents (indexes from 0) of a file that holds more. */
export function removeDocuments(text: string, documents: number[]): string {
  const values = parseDocuments(text);
  // By the YAML specification `---` at the start of a line always begins a document, also inside a block scalar.
  const starts = [...text.matchAll(/^---(?=\s|$)/gm)].map((match) => match.index);
  const first = starts[0];
  if (
    first === undefined ||
    text
      .slice(0, first)
      .split('\n')
      .some((line) => line.trim() !== '' && !/^\s*#|^%|^\uFEFF/.test(line))
  )
    starts.unshift(0);
  else starts[0] = 0;
  if (starts.length !== values.length)
    throw new EditRefused('the documents of the file can not be told apart');
  if (documents.length >= values.length) throw new EditRefused('no document would be left');
  if (documents.some((index) => values[index]?.has('items')))
    throw new EditRefused('one of them is a List, which may hold more');
  const edited = starts
    .map((start, index) =>
      documents.includes(index) ? '' : text.slice(start, starts[index + 1] ?? text.length),
    )
    .join('');
  return proved(text, edited, (all) => {
    for (const index of documents.toSorted((left, right) => right - left)) all.splice(index, 1);
  });
}

/** Fails unless the edit means exactly what was intended, in every document of the file. */
export function proved(before: string, after: string, intend: (values: unknown[]) => void): string {
  const expected = parseDocuments(before).map((document) => document.toJS({ maxAliasCount: -1 }) as unknown);
  intend(expected);
  const actual = parseDocuments(after).map((document) => document.toJS({ maxAliasCount: -1 }) as unknown);
  if (!isDeepStrictEqual(actual, expected))
    throw new EditRefused('the edit would change more than intended (anchors or unusual layout)');
  return after;
}

function assign(root: unknown, path: FieldPath, value: unknown): void {
  (valueAt(root, path.slice(0, -1)) as Record<string, unknown>)[path.at(-1) ?? ''] = value;
}

/** The value at a path of keys that are all there. */
export function valueAt(root: unknown, path: FieldPath): unknown {
  return path.reduce((value, key) => (value as Record<string, unknown>)[key], root);
}
