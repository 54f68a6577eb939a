/** What a change of a YAML file means: which values differ, in every document. */
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

export interface Difference {
  /** Keys and positions, the document first: `0/spec/prune`. */
  path: string;
  /** Undefined: it was not there. */
  before?: unknown;
  /** Undefined: it is no longer there. */
  after?: unknown;
}

export function meaningDiff(before: string, after: string): Difference[] {
  const values = (text: string): unknown[] =>
    [...parseAllDocuments(text, { merge: true, uniqueKeys: false })]
      .map((document) => document.toJS() as unknown)
      .filter((value) => value !== null);
  return compare(values(before), values(after), '');
}

function compare(before: unknown, after: unknown, path: string): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  const at = (key: string | number): string => (path === '' ? String(key) : `${path}/${key}`);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, at);
  if (isMap(before) && isMap(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compare(before[key], after[key], at(key)),
    );
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** Entries that were taken out or put in; entry by entry where the lists are equally long. */
function compareLists(before: unknown[], after: unknown[], at: (key: number) => string): Difference[] {
  if (before.length === after.length)
    return before.flatMap((value, index) => compare(value, after[index], at(index)));
  const found: Difference[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    if (left < before.length && right < after.length && isDeepStrictEqual(before[left], after[right])) {
      left += 1;
      right += 1;
    } else if (left < before.length && before.length - left > after.length - right)
      found.push({ path: at(left), before: before[left++] });
    else if (right < after.length && after.length - right > before.length - left)
      found.push({ path: at(right), after: after[right++] });
    else {
      found.push(...compare(before[left], after[right], at(right)));
      left += 1;
      right += 1;
    }
  }
  return found;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
