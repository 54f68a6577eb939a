/** Writes the results of the fault matrix as a page: the table, what was asked where a cluster was held, what is broken. */
import { checkoutDirectory } from '../../lab/description.ts';
import { type Cell, faults, type Moment } from './cells.ts';
import { passed, type CellResult, type Verdict } from './results.ts';

export interface MatrixPage {
  readonly cells: readonly Cell[];
  readonly results: ReadonlyMap<string, CellResult>;
  readonly commit: string;
  readonly seed: number;
  /** Names of the cells that were run to the very end. */
  readonly whole: ReadonlySet<string>;
}

const words: Record<Verdict, string> = {
  'went-on': 'went on',
  'came-back': 'came back',
  held: 'held',
  stuck: '**stuck**',
};

export function matrixPage(page: MatrixPage): string {
  const { cells, results, commit } = page;
  const ran = cells.flatMap(({ name }) => results.get(name) ?? []);
  const bad = ran.filter((result) => !passed(result));
  const dates = ran.map(({ at }) => at.slice(0, 10)).toSorted();
  const span = [...new Set([dates[0], dates.at(-1)])].join(' to ');
  const missing = cells.length - ran.length;
  return [
    '# Fault matrix',
    '',
    'Written by `make test-faults` from what it saw; not by hand.',
    '',
    `Commit \`${commit}\`, ${span}. ${ran.length} of ${cells.length} cells ran${missing > 0 ? ` (${missing} are still to be run)` : ''}; ${
      bad.length === 0 ? 'all of them passed' : `${bad.length} did not pass`
    }.`,
    '',
    'Each phase that acts, on a real cluster of the lab, with a fault before, during and after its action: before its commit is on the',
    'branch, as soon as it is there, as soon as the next phase has begun. What lasts is taken back after 20 seconds. A cell ends when the',
    'handover **went on** by itself, **came back** to legacy, or is **held** with a request to a person. Seconds count from the beginning of',
    'the fault to that end. From outside it is checked in each: nothing is deleted or re-created that the plan does not name, there is',
    'never a second set of controllers, each step is one commit, and the commits of other people stay.',
    '',
    ...table(page),
    '',
    'The faults:',
    '',
    ...faults.map(
      ({ name, meaning, begins }) =>
        `- ${name}: ${meaning}${begins === 'with the phase' ? '; "during" begins with the phase, so that its commit meets it' : ''}`,
    ),
    '',
    ...wholeRuns(page),
    ...requests(ran),
    ...breaches(bad),
  ].join('\n');
}

function table({ cells, results }: MatrixPage): string[] {
  const phases = [...new Set(cells.map(({ phase }) => phase))].toSorted(
    (left, right) => order(cells, left) - order(cells, right),
  );
  const rows = faults.flatMap((fault) => fault.moments.map((moment) => ({ fault, moment })));
  return [
    `| fault | ${phases.join(' | ')} |`,
    `|---|${phases.map(() => '---').join('|')}|`,
    ...rows.map(
      ({ fault, moment }) =>
        `| ${rowName(fault.name, moment)} | ${phases
          .map((phase) => {
            const cell = cells.find(
              (each) => each.phase === phase && each.fault === fault && each.moment === moment,
            );
            return cell === undefined ? 'does not apply' : entry(results.get(cell.name));
          })
          .join(' | ')} |`,
    ),
  ];
}

/** Phases in the order of the longest row: some rows leave the first out. */
function order(cells: readonly Cell[], phase: string): number {
  const first = cells[0];
  return cells
    .filter((cell) => cell.fault === first?.fault && cell.moment === first.moment)
    .findIndex((cell) => cell.phase === phase);
}

function rowName(fault: string, moment: Moment): string {
  return `${fault}, ${moment}`;
}

function entry(result: CellResult | undefined): string {
  if (result === undefined) return 'not run';
  const wrong = result.broken.length > 0 ? ', **broken**' : '';
  return `${words[result.verdict]}, ${result.seconds} s${wrong}`;
}

function wholeRuns({ whole, results, seed }: MatrixPage): string[] {
  if (whole.size === 0) return [];
  return [
    `## Followed to the very end`,
    '',
    `Drawn with SEED=${seed}; each runs alone, from a legacy cluster to the end of its handover.`,
    '',
    ...[...whole].map((name) => `- \`${name}\`: ${results.get(name)?.end ?? 'not run'}`),
    '',
  ];
}

function requests(ran: readonly CellResult[]): string[] {
  const held = ran.filter(({ asked }) => asked !== null);
  if (held.length === 0) return [];
  return [
    '## What was asked',
    '',
    ...held.map(
      ({ cell, asked, answer }) =>
        `- \`${cell}\`: ${inCheckout(asked ?? '')}${answer === null ? '' : `. Answer: ${answer}.`}`,
    ),
    '',
  ];
}

/** Paths as anybody has them who cloned the repository. */
function inCheckout(text: string): string {
  return text.replaceAll(`${checkoutDirectory}/`, '');
}

function breaches(bad: readonly CellResult[]): string[] {
  if (bad.length === 0) return [];
  return [
    '## What did not pass',
    '',
    ...bad.flatMap(({ cell, verdict, broken }) =>
      (broken.length === 0 ? [words[verdict]] : broken).map((what) => `- \`${cell}\`: ${what}`),
    ),
    '',
  ];
}
