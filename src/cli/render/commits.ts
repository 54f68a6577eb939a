/** The commits of a plan for people: what each one touches, its diff, and what it moves on the cluster. */
import type { Change, FileChange } from '../../plan/types.ts';
import type { Paint } from '../terminal.ts';
import { effectLines, objectName } from './effects.ts';
import { wrap } from './words.ts';

interface CommitPage {
  paint: Paint;
  columns: number;
  diffs: boolean;
}

/** The hunks of a diff, without the header lines that repeat the file's name. */
export function hunks(diff: string): string[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  const first = lines.findIndex((line) => line.startsWith('@@'));
  return first === -1 ? lines : lines.slice(first);
}

/** One diff line in its colour. */
function diffLine(line: string, paint: Paint): string {
  if (/^(\+\+\+|---|diff |index |=====)/.test(line)) return paint.dim(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}

function fileLines(file: FileChange, { paint, diffs }: CommitPage): string[] {
  const verb = {
    add: paint.green('new     '),
    modify: paint.yellow('changed '),
    delete: paint.red('deleted '),
  }[file.action];
  const name = `    ${verb} ${file.path}`;
  return diffs ? [name, ...hunks(file.diff).map((line) => `      ${diffLine(line, paint)}`)] : [name];
}

export function changeLines(change: Change, index: number, page: CommitPage): string {
  const { paint } = page;
  const [subject = ''] = change.message.split('\n');
  const lines = [`  ${paint.bold(`${index + 1}. ${change.phase}`)}  ${subject}`, ...onCluster(change, page)];
  if (change.collects.length > 0) {
    lines.push(`    ${paint.yellow('leaves the cluster with this commit, and nothing else does:')}`);
    for (const object of change.collects) lines.push(`      ${objectName(object)}`);
  }
  return [...lines, ...change.files.flatMap((file) => fileLines(file, page)), ''].join('\n');
}

function onCluster(change: Change, { paint, columns }: CommitPage): string[] {
  const effects = effectLines(change);
  if (effects.length === 0) return [];
  return [
    `    ${paint.dim('on the cluster, built before and after:')}`,
    ...effects.flatMap(({ who, does, unknown }) => [
      `      ${wrap(`${who} ${does}`, columns - 8, ' '.repeat(8))}`,
      ...unknown.map(
        (each) => `        ${paint.yellow('?')} ${paint.dim(wrap(each, columns - 12, ' '.repeat(10)))}`,
      ),
    ]),
  ];
}
