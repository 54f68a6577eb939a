/** What became of each cell: one JSON line each, kept across runs of the command and across labs. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutDirectory } from '../../lab/description.ts';

/** How a cell ended. `stuck`: none of the stable ends was reached in time. */
export type Verdict = 'went-on' | 'came-back' | 'held' | 'stuck';

export interface CellResult {
  readonly cell: string;
  /** Commit of the product that was tried. */
  readonly commit: string;
  /** ISO time of the end. */
  readonly at: string;
  readonly verdict: Verdict;
  /** From the beginning of the fault to the stable end, whole seconds. */
  readonly seconds: number;
  /** Whether the phase's commit was on the branch when the fault began. */
  readonly committed: boolean;
  /** What the outside checks found; a cell passed when this is empty. */
  readonly broken: readonly string[];
  /** What was asked, for a hold: the first finding. */
  readonly asked: string | null;
  /** What a person answered to a hold, and where that led. */
  readonly answer: string | null;
  /** How the whole handover ended, for a cell that was followed to the end. */
  readonly end: string | null;
}

const folder = path.join(checkoutDirectory, '.faults');
const file = path.join(folder, 'results.jsonl');

export async function keepResult(result: CellResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  await appendFile(file, `${JSON.stringify(result)}\n`);
}

/** The last result of each cell for a commit. */
export async function resultsOf(commit: string): Promise<ReadonlyMap<string, CellResult>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return lastResults(text, commit);
}

/** The seed of a commit's draw: the one that is given, else the one of the call before, so that a matrix is gone on with; else any. */
export async function seedOf(commit: string, given: string | undefined): Promise<number> {
  const place = path.join(folder, `seed-${commit}`);
  const kept = await readFile(place, 'utf8').catch(() => undefined);
  const seed = Number(given ?? kept ?? Math.floor(Math.random() * 1e6));
  if (!Number.isSafeInteger(seed)) throw new Error(`SEED=${given} is no whole number`);
  await mkdir(folder, { recursive: true });
  await writeFile(place, String(seed));
  return seed;
}

/** A line that was cut short by a crash is passed over. */
export function lastResults(text: string, commit: string): ReadonlyMap<string, CellResult> {
  const lines = text.split('\n').filter((line) => line.endsWith('}'));
  const results = lines.map((line) => JSON.parse(line) as CellResult);
  return new Map(results.filter((each) => each.commit === commit).map((each) => [each.cell, each]));
}

export function passed({ verdict, broken }: Pick<CellResult, 'verdict' | 'broken'>): boolean {
  return verdict !== 'stuck' && broken.length === 0;
}
