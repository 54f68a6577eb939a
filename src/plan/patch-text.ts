/** Cuts the entries of a YAML list out of their file with the comments above them, to be set elsewhere unchanged. */
import { isMap, isNode, isScalar, isSeq, parseAllDocuments, type Node, type Pair } from 'yaml';

export interface ListEntryText {
  /** Comment lines directly above the entry, without indentation. */
  comments: string[];
  /** Lines of the entry, its dash in the first column; null where it can not be moved as text (flow style, anchors). */
  lines: string[] | null;
}

/** @returns one text for each entry of the list at `path` of a document, or [] where there is no such list */
export function listEntryTexts(source: string, document: number, path: string[]): ListEntryText[] {
  const parsed = [...parseAllDocuments(source)][document];
  const list = parsed?.getIn(path, true);
  if (!isSeq(list)) return [];
  const lines = source.split('\n').map((line) => line.replace(/\r$/, ''));
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length - 1;
  let previousEnd = list.range ? lineAt(list.range[0]) - 1 : -1;
  return list.items.map((item) => {
    const node = item as Node;
    const start = lineAt(node.range?.[0] ?? 0);
    const end = lineAt(Math.max((endOf(node) ?? 1) - 1, 0));
    const first = lines[start] ?? '';
    const dash = first.indexOf('-');
    const comments: string[] = [];
    for (let above = start - 1; above > previousEnd && /^\s*#/.test(lines[above] ?? ''); above -= 1)
      comments.unshift((lines[above] ?? '').trim());
    previousEnd = end;
    const own = lines.slice(start, end + 1);
    const movable =
      !list.flow &&
      /^\s*-\s/.test(first) &&
      isMap(node) &&
      !node.flow &&
      own.slice(1).every((line) => line.trim() === '' || line.slice(0, dash).trim() === '') &&
      !own.some((line) => /(^|\s)[&*][A-Za-z]\S*/.test(line));
    return { comments, lines: movable ? own.map((line) => line.slice(dash).trimEnd()) : null };
  });
}

function endOf(node: Node): number | undefined {
  if (isMap(node) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1) as Pair;
    const value = last.value ?? last.key;
    return isNode(value) ? endOf(value) : node.range?.[1];
  }
  if (isSeq(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1) as Node);
  if (isScalar(node) && node.type?.startsWith('BLOCK') && node.source !== undefined) return node.range?.[1];
  return node.range?.[1];
}
