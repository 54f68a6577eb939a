/** Takes our change of a file back where somebody else changed it since, and keeps their lines. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { structuredPatch } from 'diff';
import type { FileChange } from '../plan/types.ts';
import { GitFailed } from './errors.ts';
import { lastWords } from './git.ts';
import type { Repository } from './repository.ts';
import { parseDocuments } from './yaml-text.ts';

/**
 * Git's three-way merge, or else line by line: people add entries just below ours, which git takes for a conflict.
 * @param current what the file holds now: not `before`
 * @returns what it shall hold, null text where it shall go; null where both changed the same lines, or the file came or went meanwhile
 * @throws GitFailed
 */
export async function mergeFile(
  repository: Repository,
  { path: name, before, after }: Pick<FileChange, 'path' | 'before' | 'after'>,
  current: string | null,
): Promise<{ text: string | null } | null> {
  if (before === null || current === null) return null;
  // A file of ours goes with what was noted in it; with another meaning it is somebody's as well.
  if (after === null) return meansTheSame(name, before, current) ? { text: null } : null;
  const text =
    (await gitMerge(repository, { current, before, after })) ?? replaceLines({ current, before, after });
  return text !== null && isStillYaml(name, text) ? { text } : null;
}

/** Comments and layout aside. */
function meansTheSame(name: string, before: string, current: string): boolean {
  if (!/\.ya?ml$/.test(name) || !isStillYaml(name, current)) return false;
  const [was, is] = [before, current].map((text) =>
    parseDocuments(text).map((document): unknown => document.toJS()),
  );
  return isDeepStrictEqual(was, is);
}

interface Versions {
  current: string;
  before: string;
  after: string;
}

async function gitMerge(repository: Repository, versions: Versions): Promise<string | null> {
  const folder = await mkdtemp(path.join(repository.directory, 'handover-merge-'));
  try {
    for (const [file, text] of Object.entries(versions)) await writeFile(path.join(folder, file), text);
    const merge = ['merge-file', '--quiet', 'current', 'before', 'after'];
    const outcome = await repository.attempt(merge, { cwd: folder });
    if (outcome.ok) return await readFile(path.join(folder, 'current'), 'utf8');
    // Its exit code is the number of conflicts; only an error has something to say.
    if (/^(fatal|error):/m.test(outcome.stderr)) throw new GitFailed('merge-file', lastWords(outcome.stderr));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each run of lines that we changed must stand there once, as we left it, or, where we took lines away, its two neighbours. */
export function replaceLines({ current, before, after }: Versions): string | null {
  const old = before.split('\n');
  const lines = current.split('\n');
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 0 });
  let end = lines.length;
  // From the bottom up, so that what is above keeps its place; in the same order as in our version.
  for (const hunk of hunks.toReversed()) {
    const texts = (sign: string) =>
      hunk.lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    const ours = texts('-');
    // Without lines of its own, a hunk's `oldStart` is the line below it; at the very top that is the only neighbour.
    const above = hunk.oldStart > 1 ? 1 : 0;
    const neighbours = old.slice(hunk.oldStart - 1 - above, hunk.oldStart);
    const place = placeOf(lines, ours.length > 0 ? ours : neighbours);
    const start = place === null || ours.length > 0 ? place : place + above;
    if (start === null || start + ours.length > end) return null;
    lines.splice(start, ours.length, ...texts('+'));
    end = start;
  }
  return lines.join('\n');
}

/** Null where they stand nowhere or more than once. */
function placeOf(lines: string[], wanted: string[]): number | null {
  const places = lines.flatMap((_, index) =>
    wanted.every((line, offset) => lines[index + offset] === line) ? [index] : [],
  );
  return places.length === 1 ? (places[0] ?? null) : null;
}

/** Lines that fit together as text may not as YAML. */
function isStillYaml(name: string, text: string): boolean {
  if (!/\.ya?ml$/.test(name)) return true;
  try {
    parseDocuments(text);
    return true;
  } catch {
    return false;
  }
}
