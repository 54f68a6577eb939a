/**
 * The fault matrix in the raised lab: two lanes, edge and main, each with a worker and a Temporal server of its own.
 * LANES=edge uses one of them, CELLS=name,… runs some of them, SEED=n draws other ones to be followed to the end, AGAIN=yes repeats those with a result,
 * PARTIAL=yes writes the page although cells are missing. `--short` runs the six of `make test` and writes nothing.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { checkoutDirectory, fleetClusterNames } from '../../lab/description.ts';
import { exclusively } from '../../lab/exclusive.ts';
import { requireIdentity } from '../../lab/network/identity.ts';
import { legacyLab } from '../../lab/rehearsal/legacy-lab.ts';
import { phasesOf } from '../../src/plan/phases.ts';
import { actingPhases, cellsOf, chosenCells, type Cell } from './cells.ts';
import { drawWhole, journeysOf, restOf, shortJourneys, type Journey } from './journeys.ts';
import { closeLane, openLane, type Lane } from './lane.ts';
import { matrixPage } from './markdown.ts';
import { Progress } from './progress.ts';
import { keepResult, passed, resultsOf, seedOf, type CellResult } from './results.ts';
import { runJourney } from './run-journey.ts';

/** How often a journey may fail before its first cell is given up. */
const tries = 2;
const wholeCount = 10;

const laneNames = process.env['LANES']?.split(',') ?? fleetClusterNames;

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const phases = phasesOf('self-managed') ?? [];
const order = phases.map(({ name }) => name);
const cells = cellsOf(phases);
const byName = new Map(cells.map((cell) => [cell.name, cell]));
const commit = await productCommit();
const seed = await seedOf(commit, process.env['SEED']);
const whole = drawWhole(cells, wholeCount, seed);
const known = values.short ? new Map<string, CellResult>() : new Map(await resultsOf(commit));

const queue = values.short ? short() : due();
const progress = new Progress(queue.flatMap((journey) => journey.cells).length, laneNames.length);
say(
  values.short
    ? 'six cells of the fault matrix'
    : `${progress.left} of ${cells.length} cells for commit ${commit}; SEED=${seed} draws what is followed to the end`,
);
if (queue.length > 0) await runAll();
const bad = [...known.values()].filter((result) => byName.has(result.cell) && !passed(result));
for (const { cell, broken } of bad) say(`did not pass: ${cell}: ${broken.join('; ') || 'stuck'}`);
if (!values.short) await writePage();
process.exitCode = bad.length === 0 && progress.left === 0 ? 0 : 1;

function short(): Journey[] {
  return shortJourneys.map((names) => ({ cells: names.map((name) => cellNamed(name)), whole: false }));
}

function due(): Journey[] {
  const wanted = chosenCells(cells, process.env['CELLS'] ?? '');
  const again = process.env['AGAIN'] === 'yes';
  const missing = ({ name }: Cell): boolean =>
    again || !known.has(name) || (whole.has(name) && known.get(name)?.end === null);
  return journeysOf(wanted.filter(missing), whole, actingPhases(phases));
}

async function runAll(): Promise<void> {
  const lab = await legacyLab(laneNames);
  const identity = await requireIdentity();
  // No other command may change the lab meanwhile; the lanes use the parts that need no lock of their own.
  await exclusively(async () => {
    const lanes: Lane[] = [];
    const close = (): Promise<unknown> => Promise.all(lanes.map(closeLane));
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void close().finally(() => process.exit(130)));
    for (const [index, name] of laneNames.entries()) lanes.push(await openLane(lab, identity, name, index));
    try {
      await Promise.all(lanes.map(work));
    } finally {
      await close();
    }
  });
}

/** Takes journeys until none is left. */
async function work(lane: Lane): Promise<void> {
  const failures = new Map<string, number>();
  for (let count = 1, journey = queue.shift(); journey; count += 1, journey = queue.shift()) {
    const had = new Set<string>();
    try {
      await runJourney({
        lane,
        journey,
        fleet: `faults-${lane.name}-${process.pid}-${count}`,
        order,
        async keep(outcome) {
          const result = { ...outcome, commit, at: new Date().toISOString() };
          known.set(result.cell, result);
          had.add(result.cell);
          if (!values.short) await keepResult(result);
          say(`${lane.name} ${progress.did(result)}`);
        },
      });
    } catch (error) {
      const first = journey.cells.find(({ name }) => !had.has(name))?.name ?? '';
      const times = (failures.get(first) ?? 0) + 1;
      failures.set(first, times);
      say(`${lane.name} ${first} could not be run: ${(error as Error).message}`);
      if (times >= tries) had.add(first);
      // Two journeys at a time are a load; what failed for lack of time may do better later.
    }
    const rest = restOf(journey, had);
    if (rest) queue.push(rest);
  }
}

async function writePage(): Promise<void> {
  const missing = cells.filter(({ name }) => !known.has(name)).length;
  if (missing > 0 && process.env['PARTIAL'] !== 'yes')
    return say(`${missing} cells have no result for this commit: docs/fault-matrix.md is left as it is`);
  const page = matrixPage({ cells, results: known, commit, seed, whole });
  await writeFile(path.join(checkoutDirectory, 'docs', 'fault-matrix.md'), page);
  say('docs/fault-matrix.md is written');
}

/** The last commit that changed the product: results of the same product stay good. */
async function productCommit(): Promise<string> {
  const git = async (...command: string[]): Promise<string> =>
    (await execa('git', command, { cwd: checkoutDirectory })).stdout.trim();
  const changed = await git('status', '--porcelain', '--', 'src');
  return `${await git('log', '-1', '--format=%h', '--', 'src')}${changed === '' ? '' : '-changed'}`;
}

function cellNamed(name: string): Cell {
  const cell = byName.get(name);
  if (cell === undefined) throw new Error(`there is no cell ${name}`);
  return cell;
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
