/** Runs one cell: waits for its moment, does its fault, takes it back, waits for a stable end, answers a hold, checks from outside. */
import { setTimeout as pause } from 'node:timers/promises';
import type { PhaseName } from '../../src/plan/phases.ts';
import type { ClusterStatus } from '../../src/workflows/contract.ts';
import type { Cell } from './cells.ts';
import { means, type Done } from './means.ts';
import { finalChecks, legacyChecks, outsideChecks } from './outside-checks.ts';
import type { PersonsEdit } from './persons-edit.ts';
import type { CellResult } from './results.ts';
import type { Run } from './run-of-lane.ts';
import { endOf, momentOf, type End } from './standing.ts';

/** Seconds that an outage lasts. */
const outage = 20;
/** Seconds until a moment must have come, and from the end of a fault to a stable end. */
const patience = 300;

/** What a cell left: the result but for where it stands, and whether the run goes on. */
export type Outcome = Omit<CellResult, 'commit' | 'at'> & { readonly goesOn: boolean };

/** @returns null when the run was past the cell's moment already */
export async function runCell(
  run: Run,
  cell: Cell,
  order: readonly PhaseName[],
  edits: PersonsEdit[],
): Promise<Outcome | null> {
  const { phase, fault, moment } = cell;
  const waitedFor = moment === 'during' && fault.begins === 'with the phase' ? 'begin' : moment;
  const come = await run.watcher.until(patience, (standing) => {
    const now = momentOf(standing, order, { phase, moment: waitedFor });
    return now === 'not yet' ? undefined : { now, standing };
  });
  if (come === undefined) throw new Error(`the run did not come to ${cell.name} within ${patience} s`);
  if (come.now === 'past') return null;

  const since = performance.now();
  const done = await means[fault.name](run, phase);
  if (done.edit) edits.push(done.edit);
  const committed = come.standing.steps.includes(phase);
  await takeBack(done, since);

  const reached = await run.watcher.until(patience, (standing) => {
    const end = endOf(standing, order, cell);
    return end === undefined ? undefined : { end, status: standing.status };
  });
  const seconds = Math.round((performance.now() - since) / 1000);
  const broken = await outsideChecks(run, edits);
  const begun = { cell: cell.name, seconds, committed, end: null };
  if (reached === undefined)
    return {
      ...begun,
      verdict: 'stuck',
      broken: [...broken, await run.watcher.waitsFor()],
      asked: null,
      answer: null,
      goesOn: false,
    };
  const { end, status } = reached;
  const held = end === 'held' ? await answerHold(run, cell, status, order, edits) : null;
  return {
    ...begun,
    verdict: end,
    broken: [
      ...broken,
      ...(held?.broken ?? []),
      ...(end === 'came-back' ? await legacyChecks(run, edits) : []),
    ],
    asked: held?.asked ?? null,
    answer: held?.answer ?? null,
    // An edit of a file that the plan touches stops the run sooner or later: the next cell would meet that, and not its own fault.
    goesOn: fault.name !== 'person-touched' && (end === 'went-on' || held?.led === 'went-on'),
  };
}

async function takeBack({ undo }: Done, since: number): Promise<void> {
  if (undo === null) return;
  await pause(Math.max(0, outage * 1000 - (performance.now() - since)));
  await undo();
}

interface Answered {
  readonly asked: string;
  readonly answer: string;
  readonly led: End | undefined;
  readonly broken: readonly string[];
}

/** Gives the answer that the fault calls for; where a retry leads into the same hold again, the way back is taken. */
async function answerHold(
  run: Run,
  cell: Cell,
  status: ClusterStatus | null,
  order: readonly PhaseName[],
  edits: readonly PersonsEdit[],
): Promise<Answered> {
  const hold = status?.hold;
  const unclear = [
    ...(hold?.findings ?? []).filter(({ what, why, mend }) => !what || !why || !mend).map(({ id }) => id),
    ...(hold && hold.findings.length > 0 && hold.choices.length > 0 ? [] : ['no finding or no choice']),
  ].map((what) => `the request is not clear: ${what}`);
  const [first] = hold?.findings ?? [];
  const asked = first === undefined ? 'nothing' : `${first.what}. Mend: ${first.mend}`;
  const answers = cell.fault.answer === 'retry' ? (['retry', 'retry', 'rollback'] as const) : ['rollback'];
  const said: string[] = [];
  let led: End | undefined = 'held';
  let known = hold?.since;
  for (const answer of answers) {
    await run.say(answer, run.lane.name, '--yes', '--reason', 'fault matrix');
    led = await run.watcher.until(patience, (standing) => {
      // The memo speaks of the hold that was answered until the workflow has taken the answer up.
      if (known !== undefined && standing.status?.hold?.since === known) return undefined;
      const end = endOf(standing, order, { ...cell, moment: 'during' });
      return answer === 'rollback' && end === 'went-on' ? undefined : end;
    });
    said.push(`${answer}, which ${led === undefined ? 'led nowhere' : ledTo[led]}`);
    if (led !== 'held') break;
    known = (await run.watcher.look()).status?.hold?.since;
  }
  const broken =
    led === 'went-on' || led === 'came-back'
      ? await outsideChecks(run, edits)
      : [`no answer led out of the hold: ${said.join('; ')}`];
  const legacy = led === 'came-back' ? await legacyChecks(run, edits) : [];
  return { asked, answer: said.join('; '), led, broken: [...unclear, ...broken, ...legacy] };
}

const ledTo: Record<End, string> = {
  'went-on': 'led on',
  'came-back': 'led back to legacy',
  held: 'was held again',
};

/** Follows a run to the end of its handover. @returns how it ended in words, and what is broken then */
export async function runToTheEnd(
  run: Run,
  edits: readonly PersonsEdit[],
): Promise<{ end: string; broken: string[] }> {
  const ended = await run.watcher.until(patience, (standing) =>
    standing.status && (standing.ended || standing.status.state === 'held')
      ? standing.status.state
      : undefined,
  );
  const handedOver = ended === 'done';
  const broken = [
    ...(await outsideChecks(run, edits)),
    ...(handedOver
      ? await finalChecks(run)
      : [`the handover ended as ${ended ?? `nothing in time: ${await run.watcher.waitsFor()}`}`]),
  ];
  return { end: handedOver ? 'handed over, everything Ready' : `ended as ${ended ?? 'nothing'}`, broken };
}
