/** Removes entries of any form from a YAML list as text, each with the comments directly above it. */
import type { Node } from 'yaml';
import { EditRefused, proved, valueAt } from './edit.ts';
import {
  endOfNode,
  lineEnd,
  lineStart,
  listAt,
  mapAt,
  pairOf,
  rangeOf,
  splice,
  type FieldPath,
} from './yaml-text.ts';

/**
 * A list that becomes empty goes with its key.
 * @param positions of the entries, from 0
 * @throws EditRefused
 */
export function removeListItems(
  text: string,
  document: number,
  path: FieldPath,
  positions: number[],
): string {
  if (positions.length === 0) return text;
  const list = listAt(text, document, path);
  const name = path.join('.');
  if (list.flow) throw new EditRefused(`${name} is written in one line`);
  const all = positions.length === list.items.length;
  let edited = text;
  if (all) {
    const pair = pairOf(mapAt(text, document, path.slice(0, -1)), path.at(-1) ?? '');
    if (!pair) throw new EditRefused(`${name} is not there`);
    edited = splice(
      edited,
      lineStart(edited, rangeOf(pair.key as Node)[0]),
      lineEnd(edited, endOfNode(list)),
      '',
    );
  } else
    for (const position of positions.toSorted((left, right) => right - left)) {
      const item = list.items[position] as Node | undefined;
      if (!item) throw new EditRefused(`${name} has no entry ${position + 1}`);
      const start = lineStart(edited, rangeOf(item)[0]);
      if (!/^\s*-\s/.test(edited.slice(start)))
        throw new EditRefused(`an entry of ${name} does not begin its own line`);
      edited = splice(edited, withComments(edited, start), lineEnd(edited, endOfNode(item)), '');
    }
  return proved(text, edited, (values) => {
    const parent = valueAt(values[document], path.slice(0, -1)) as Record<string, unknown[]>;
    const key = path.at(-1) ?? '';
    if (all) delete parent[key];
    else parent[key] = (parent[key] ?? []).filter((_entry, index) => !positions.includes(index));
  });
}

/** Offset of the first of the comment lines directly above a line. */
function withComments(text: string, start: number): number {
  let at = start;
  while (at > 0) {
    const above = lineStart(text, at - 1);
    if (!/^\s*#/.test(text.slice(above, at))) return at;
    at = above;
  }
  return at;
}
