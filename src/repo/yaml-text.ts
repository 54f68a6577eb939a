/** Places in YAML text: which characters a node, a line or a document takes up. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { parsePart, splitDocuments, tooMany } from './yaml-documents.ts';

/** The file can not be edited with certainty. The message says where and why; nothing was changed. */
export class EditRefused extends Error {
  override name = 'EditRefused';
}

/** Path of keys inside one document, e.g. `['spec', 'prune']`. */
export type FieldPath = string[];

/** Documents of a file, refusing what does not parse, or only within no bounds. */
export function parseDocuments(text: string): Document.Parsed[] {
  const parts = splitDocuments(text);
  const excess = tooMany(parts);
  if (excess) throw new EditRefused(`line ${excess.line}: ${excess.what}`);
  for (const part of parts) {
    const parsed = parsePart(part);
    if (!Array.isArray(parsed)) throw new EditRefused(`not valid YAML: line ${parsed.line}: ${parsed.what}`);
  }
  // That keys are unique was just seen; the library would compare every pair.
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: false });
  return Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
}

function nodeAt(text: string, index: number, path: FieldPath): unknown {
  const document = parseDocuments(text)[index];
  if (!document) throw new EditRefused(`the file has no document ${index + 1}`);
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isAlias(node)) throw new EditRefused(`${path.join('.')} is an alias`);
  return node;
}

export function mapAt(text: string, index: number, path: FieldPath): YAMLMap {
  const node = nodeAt(text, index, path);
  if (!isMap(node)) throw new EditRefused(`${path.join('.') || 'the document'} is not a map`);
  return node;
}

export function listAt(text: string, index: number, path: FieldPath): YAMLSeq {
  const node = nodeAt(text, index, path);
  if (!isSeq(node)) throw new EditRefused(`${path.join('.')} is not a list`);
  return node;
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key);
}

export function rangeOf(node: Node): [number, number] {
  if (!node.range) throw new EditRefused('a node has no place in the text');
  return [node.range[0], node.range[1]];
}

export function endOf(pair: Pair): number {
  return pair.value ? endOfNode(pair.value as Node) : rangeOf(pair.key as Node)[1];
}

/** Where a node's last character is; a block collection's own range runs on into the comments that follow. */
export function endOfNode(node: Node): number {
  if (isMap(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1) as Pair);
  if (isSeq(node) && !node.flow && node.items.length > 0) return endOfNode(node.items.at(-1) as Node);
  return rangeOf(node)[1];
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset behind the line break of the line on which `offset` stands. */
export function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

export function insertLineAfter(text: string, offset: number, line: string): string {
  const end = lineEnd(text, offset);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return end > 0 && text[end - 1] !== '\n'
    ? splice(text, end, end, `${newline}${line}`)
    : splice(text, end, end, `${line}${newline}`);
}

export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
