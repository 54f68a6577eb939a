/** Small pieces that several pages share: symbols, short digests, wrapping, cutting to a width. */
import type { Paint } from '../terminal.ts';

/** Digests are shown by their first characters; `--digest` takes these too. */
export function shortDigest(digest: string): string {
  return /^sha256:[0-9a-f]{12}/.test(digest) ? digest.slice(0, 'sha256:'.length + 12) : digest;
}

export function shortCommit(commit: string): string {
  return commit.slice(0, 8);
}

export function symbols(
  paint: Paint,
): Record<'done' | 'bad' | 'warn' | 'now' | 'ahead' | 'ask' | 'undone', string> {
  return {
    done: paint.green('✔'),
    bad: paint.red('✘'),
    warn: paint.yellow('▲'),
    now: paint.cyan('▸'),
    ahead: paint.dim('·'),
    ask: paint.yellow('?'),
    undone: paint.yellow('↩'),
  };
}

/** Wraps words to `width`; lines after the first get `indent` before it. Words longer than the width stay whole, so that they can be copied. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/ +/)) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line, index) => (index === 0 ? line : indent + line)).join('\n');
}

/** Cuts plain text to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`;
}

export function count(many: number, one: string, more = `${one}s`): string {
  return `${many} ${many === 1 ? one : more}`;
}
