/** Packs cells into journeys: runs of one handover, in which one cell follows the other as long as each ends well. */
import type { PhaseName } from '../../src/plan/phases.ts';
import { randomFrom } from '../fuzz/random.ts';
import type { Cell } from './cells.ts';

export interface Journey {
  /** In the order of their phases, at most one of a phase. */
  readonly cells: readonly Cell[];
  /** The one cell of this journey is followed to the very end of the handover. */
  readonly whole: boolean;
}

/** Cells that are run alone, to the very end; the same seed draws the same ones. */
export function drawWhole(cells: readonly Cell[], count: number, seed: number): ReadonlySet<string> {
  const random = randomFrom(seed);
  const left = cells.map(({ name }) => name);
  const drawn = new Set<string>();
  while (drawn.size < count && left.length > 0) drawn.add(left.splice(random.below(left.length), 1)[0] ?? '');
  return drawn;
}

/**
 * One journey for each cell that is run alone; the others share as few as can be, in the order they are given, so that the cells of
 * one fault mostly stay together.
 * @param order of the phases that act
 */
export function journeysOf(
  cells: readonly Cell[],
  whole: ReadonlySet<string>,
  order: readonly PhaseName[],
): Journey[] {
  const together: Cell[][] = [];
  for (const cell of cells.filter(({ name }) => !whole.has(name))) {
    const free = together.find((journey) => journey.every(({ phase }) => phase !== cell.phase));
    if (free) free.push(cell);
    else together.push([cell]);
  }
  const place = ({ phase }: Cell): number => order.indexOf(phase);
  const shared = together.map((journey) => ({
    cells: journey.toSorted((left, right) => place(left) - place(right)),
    whole: false,
  }));
  const alone = cells.filter(({ name }) => whole.has(name)).map((cell) => ({ cells: [cell], whole: true }));
  return [...shared, ...alone];
}

/** What is left of a journey that did not come to all its cells: it begins anew, on the legacy cluster. */
export function restOf(journey: Journey, done: ReadonlySet<string>): Journey | null {
  const left = journey.cells.filter(({ name }) => !done.has(name));
  return left.length === 0 ? null : { ...journey, cells: left };
}

/**
 * The six cells of `make test`, as two journeys beside each other: every moment at which something that lasts changes hands, and
 * each party that can fail: worker, Temporal, API server, Git, a controller, a person.
 */
export const shortJourneys: readonly (readonly string[])[] = [
  ['orphan/git-gone-during', 'adopt/api-server-gone-during', 'retire/worker-killed-during'],
  [
    'operator/temporal-killed-during',
    'stage/person-elsewhere-during',
    'adopt/kustomize-controller-down-during',
  ],
];
