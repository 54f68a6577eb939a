/** Runs the cells of one journey in one handover, and says what is left of it. */
import type { PhaseName } from '../../src/plan/phases.ts';
import type { CellResult } from './results.ts';
import type { Journey } from './journeys.ts';
import type { Lane } from './lane.ts';
import type { PersonsEdit } from './persons-edit.ts';
import { runCell, runToTheEnd, type Outcome } from './run-cell.ts';
import { Run } from './run-of-lane.ts';

export interface JourneyOptions {
  readonly lane: Lane;
  readonly journey: Journey;
  /** Names the run; must not have been used in this lane. */
  readonly fleet: string;
  /** Every phase, in its order. */
  readonly order: readonly PhaseName[];
  readonly keep: (result: Omit<CellResult, 'commit' | 'at'>) => Promise<void>;
}

/**
 * Keeps the outcome of each cell it came to. A journey of one cell ends with it, unless that is to be followed to the end; a longer
 * one always goes to the end of the handover, which is judged with its last cell.
 * @returns names of the cells that have an outcome
 */
export async function runJourney(options: JourneyOptions): Promise<ReadonlySet<string>> {
  const { lane, journey, fleet, order, keep } = options;
  const { cells, whole } = journey;
  const had = new Set<string>();
  const edits: PersonsEdit[] = [];
  const run = await Run.begin(lane, fleet);
  try {
    for (const [index, cell] of cells.entries()) {
      const outcome = await runCell(run, cell, order, edits);
      if (outcome === null) {
        if (had.size === 0) throw new Error(`the run was past ${cell.name} before its fault could be done`);
        continue;
      }
      const last = index === cells.length - 1;
      const follow = outcome.goesOn && last && (whole || cells.length > 1);
      const led = follow ? await runToTheEnd(run, edits) : null;
      const end = led?.end ?? (whole ? endInWords(outcome) : null);
      const { goesOn, ...result } = outcome;
      await keep({ ...result, end, broken: [...result.broken, ...(led?.broken ?? [])] });
      had.add(cell.name);
      if (!goesOn) break;
    }
    return had;
  } finally {
    await run.end();
  }
}

function endInWords({ verdict, answer }: Outcome): string {
  return verdict === 'came-back' || answer?.endsWith('back to legacy') === true
    ? 'back to legacy, everything as it was'
    : `ended as ${verdict}`;
}
