/** Which lines of a file changed, as git sees it: a program that has nothing to do with how the plan edits or shows them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';

/** One run of lines, each with its line end as it is written. */
export interface Hunk {
  removed: string[];
  added: string[];
}

export function lineDiff(before: string, after: string): Hunk[] {
  const folder = mkdtempSync(join(tmpdir(), 'line-diff-'));
  writeFileSync(join(folder, 'before'), before);
  writeFileSync(join(folder, 'after'), after);
  const { stdout } = execaSync(
    'git',
    ['diff', '--no-index', '--no-color', '--unified=0', '--text', 'before', 'after'],
    { cwd: folder, reject: false, stripFinalNewline: false },
  );
  rmSync(folder, { recursive: true });
  const hunks: Hunk[] = [];
  let side: string[] = [];
  for (const line of stdout
    .split('\n')
    .slice(stdout.split('\n').findIndex((text) => text.startsWith('@@')))) {
    const hunk = hunks.at(-1);
    if (line.startsWith('@@')) hunks.push({ removed: [], added: [] });
    else if (hunk && /^[-+]/.test(line)) {
      side = line.startsWith('-') ? hunk.removed : hunk.added;
      side.push(`${line.slice(1)}\n`);
    } else if (line.startsWith('\\')) side.push((side.pop() ?? '').slice(0, -1));
  }
  return hunks;
}
