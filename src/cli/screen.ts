/** A page at the bottom of the terminal that is drawn over and over in place. */
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';

const escape = '\u001B[';

export interface Screen {
  show(page: string): void;
  /** Leaves the last page standing and gives the cursor back. */
  close(): void;
}

/** The lines that fit, and how many rows they stand on: a line that is too long takes several. */
export function fit(page: string, rows: number, columns: number): { lines: string[]; height: number } {
  const lines: string[] = [];
  let height = 0;
  for (const line of page.split('\n')) {
    const needed = Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
    if (height + needed > rows) break;
    lines.push(line);
    height += needed;
  }
  return { lines, height };
}

export function openScreen(out: WriteStream): Screen {
  let height = 0;
  const showCursor = (): void => void out.write(`${escape}?25h`);
  process.once('exit', showCursor);
  out.write(`${escape}?25l`);
  return {
    show(page) {
      const up = height > 0 ? `${escape}${height}A` : '';
      // What has scrolled out of sight can not be drawn over.
      const fitting = fit(page, Math.max(4, out.rows - 1), out.columns);
      // One write and no clearing of the whole screen: nothing flickers.
      out.write(`${up}\r${fitting.lines.map((line) => `${line}${escape}K\n`).join('')}${escape}J`);
      height = fitting.height;
    },
    close() {
      showCursor();
      process.removeListener('exit', showCursor);
    },
  };
}
