/** The cells of the fault matrix, generated from the phase table: every phase that acts, times every fault, at its moments. */
import type { Phase, PhaseName } from '../../src/plan/phases.ts';

/** Of the phase's action, as seen from outside: its commit is not there yet, it is there, the next phase has begun. */
export type Moment = 'before' | 'during' | 'after';

export interface Fault {
  readonly name: FaultName;
  /** What is done, for a reader of the matrix. */
  readonly meaning: string;
  readonly moments: readonly Moment[];
  /** When a fault that lasts begins: as soon as the phase does, so that its commit meets it, or once its commit is on the branch. */
  readonly begins: 'with the phase' | 'with the commit';
  /** Makes sense only where Flux Operator is installed or being installed. */
  readonly needsOperator?: true;
  /** What a person answers when the cluster is held because of it. */
  readonly answer: 'retry' | 'rollback';
}

export type FaultName = (typeof names)[number];

const names = [
  'worker-killed',
  'temporal-killed',
  'api-server-gone',
  'git-gone',
  'registry-gone',
  'operator-crash-looping',
  'kustomize-controller-down',
  'person-touched',
  'person-elsewhere',
  'credentials-revoked',
  'disk-full',
] as const;

const every: readonly Moment[] = ['before', 'during', 'after'];
const during: readonly Moment[] = ['during'];

function fault(
  name: FaultName,
  meaning: string,
  moments: readonly Moment[],
  begins: Fault['begins'],
  more: Partial<Pick<Fault, 'needsOperator' | 'answer'>> = {},
): Fault {
  return { name, meaning, moments, begins, answer: 'retry', ...more };
}

export const faults: readonly Fault[] = [
  fault('worker-killed', 'the worker is killed with SIGKILL and started again', every, 'with the commit'),
  fault('temporal-killed', 'the Temporal server is killed and started again', every, 'with the commit'),
  fault('api-server-gone', "the cluster's API server is killed and started again", during, 'with the commit'),
  fault('git-gone', 'worker and cluster are refused by the Git server', during, 'with the phase'),
  fault('registry-gone', 'worker and cluster are refused by the registry', during, 'with the phase'),
  fault(
    'operator-crash-looping',
    "Flux Operator's process is killed over and over",
    during,
    'with the commit',
    { needsOperator: true },
  ),
  fault('kustomize-controller-down', 'kustomize-controller is scaled to zero', during, 'with the commit'),
  fault(
    'person-touched',
    'a person pushes an edit of a file that the phase touches',
    during,
    'with the phase',
    {
      answer: 'rollback',
    },
  ),
  fault('person-elsewhere', 'a person pushes an edit of another file', during, 'with the phase'),
  fault(
    'credentials-revoked',
    "the worker's Git token and its rights on the cluster are taken away",
    during,
    'with the phase',
  ),
  fault(
    'disk-full',
    "the disk with the worker's cache, temporary files and evidence is filled",
    during,
    'with the phase',
  ),
];

export interface Cell {
  /** `phase/fault-moment`. */
  readonly name: string;
  readonly phase: PhaseName;
  readonly fault: Fault;
  readonly moment: Moment;
}

/** The phases that change something; the others only look. */
export function actingPhases(phases: readonly Phase[]): readonly PhaseName[] {
  return phases.filter(({ commits }) => commits).map(({ name }) => name);
}

export function cellsOf(phases: readonly Phase[]): readonly Cell[] {
  const acting = actingPhases(phases);
  return faults.flatMap((each) =>
    each.moments.flatMap((moment) =>
      acting
        .filter((phase) => !each.needsOperator || acting.indexOf(phase) >= acting.indexOf('operator'))
        .map((phase) => ({ name: cellName(phase, each.name, moment), phase, fault: each, moment })),
    ),
  );
}

function cellName(phase: PhaseName, name: FaultName, moment: Moment): string {
  return `${phase}/${name}-${moment}`;
}

/** @param wanted names, separated by commas; a phase or a fault alone stands for all its cells. @throws Error for one that fits no cell */
export function chosenCells(cells: readonly Cell[], wanted: string): readonly Cell[] {
  const words = wanted.split(',').filter(Boolean);
  const fits = (cell: Cell, word: string): boolean =>
    [cell.name, cell.phase, cell.fault.name, `${cell.fault.name}-${cell.moment}`].includes(word);
  const stray = words.filter((word) => !cells.some((cell) => fits(cell, word)));
  if (stray.length > 0)
    throw new Error(
      `no cell ${stray.join(', ')}; a cell is named like ${cells[0]?.name}, a phase or a fault stands for all its cells`,
    );
  return words.length === 0 ? cells : cells.filter((cell) => words.some((word) => fits(cell, word)));
}
