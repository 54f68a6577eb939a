/** A table without boxes: a header, thin rules, cells that wrap. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Paint } from '../terminal.ts';

export interface TableColumn {
  title: string;
  /** Fixed width in characters, or a share of what the fixed ones leave. */
  width?: number;
  share?: number;
}

const gap = 2;

/** cli-table3 cuts words that are too long for their cell; here they are broken, after punctuation if possible, so that nothing is lost. */
export function breakLongWords(text: string, width: number): string {
  return text.replaceAll(/\S+/g, (word) => {
    if (stripVTControlCharacters(word).length <= width) return word;
    const lines = [''];
    for (const part of word
      .split(/(?<=[/,.(-])/)
      .flatMap((each) => each.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])) {
      const line = lines.at(-1) ?? '';
      if (line !== '' && stripVTControlCharacters(line + part).length > width) lines.push(part);
      else lines[lines.length - 1] = line + part;
    }
    return lines.join('\n');
  });
}

export function table(
  columns: TableColumn[],
  rows: string[][],
  { width, paint, rules = true }: { width: number; paint: Paint; rules?: boolean },
): string {
  const fixed = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
  const shares = columns.reduce((sum, column) => sum + (column.share ?? 0), 0);
  // A rule has one more character at each joint.
  const left = Math.max(10 * columns.length, width - fixed - columns.length);
  const colWidths = columns.map(
    (column) => column.width ?? Math.floor((left * (column.share ?? 1)) / shares),
  );
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const rule = rules ? paint.dim('─') : '';
  const made = new Table({
    head: columns.map(({ title }) => paint.bold(title)),
    colWidths,
    wordWrap: true,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    chars: {
      ...none,
      left: '',
      'left-mid': '',
      mid: rule,
      'mid-mid': rule,
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  made.push(
    ...rows.map((row) => row.map((cell, index) => breakLongWords(cell, (colWidths[index] ?? 0) - gap))),
  );
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
