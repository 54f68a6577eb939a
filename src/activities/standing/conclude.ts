/** Concludes from what was seen where a cluster stands, and what a rollback has to undo. What does not fit is said, never guessed. Pure. */
import type { PhaseName } from '../../plan/phases.ts';
import type { LegacyShape } from '../../plan/types.ts';
import { evidenceOf } from './evidence.ts';
import { misfitsOf } from './misfits.ts';
import { notesOf } from './misfits/notes.ts';
import { dueOf, phasesFor, type RunState, runStates } from './run-state.ts';
import type { Sighting } from './sighting.ts';
import type { Place, Standing } from './standing.ts';

export interface Reading {
  /** The run at hand; null where no run left anything. */
  state: RunState | null;
  /** Every run whose commits are in force. */
  rivals: string[];
  shape: LegacyShape;
  /** Phases that have begun and were not taken back, by Git; by what is live where Git does not answer. */
  begun: PhaseName[];
}

export function conclude(sighting: Sighting): Standing {
  const reading = read(sighting);
  const { state, shape, begun } = reading;
  const record = sighting.records.find(({ run }) => run === state?.run) ?? null;
  const misfits = misfitsOf(sighting, reading, record);
  const due = state ? dueOf(shape, begun, state.undoing) : [];
  const at = misfits.length > 0 ? 'between' : placeOf(sighting, reading);
  const reached = phasesFor(shape).findLast(({ name }) => begun.includes(name))?.name ?? null;
  return {
    cluster: sighting.cluster,
    at,
    run: state?.run ?? null,
    phase: state?.undoing ?? reached,
    way: state?.undoing ? 'back' : 'forward',
    due: at === 'legacy' || at === 'rolled-back' ? [] : due,
    commits: state?.commits ?? [],
    record,
    lease: sighting.lease,
    evidence: evidenceOf(sighting, reading),
    misfits,
    notes: notesOf(sighting, reading),
    gitAnswers: sighting.steps !== null,
  };
}

function read(sighting: Sighting): Reading {
  const { steps, lease, records } = sighting;
  const states = runStates(steps ?? []);
  const inForce = states.filter((state) => state.inForce.length > 0);
  const held = lease && states.find(({ run }) => run === lease.run);
  const known = inForce.at(-1) ?? held ?? states.at(-1) ?? null;
  const run = known?.run ?? lease?.run ?? (steps === null ? records[0]?.run : undefined);
  const state = known ?? (run === undefined ? null : { run, inForce: [], commits: [], undoing: null });
  const shape = records.find((record) => record.run === state?.run)?.shape ?? 'self-managed';
  const begun = steps === null ? begunLive(sighting, shape) : (state?.inForce ?? []);
  return { state, rivals: inForce.map((each) => each.run), shape, begun };
}

/** Without Git, what is live must do: each phase leaves something that can be seen. */
function begunLive({ instances, operators, owner, controllers }: Sighting, shape: LegacyShape): PhaseName[] {
  const signs: [PhaseName, boolean][] = [
    ['orphan', owner !== null && (!owner.there || owner.lacksOrphaned === '')],
    ['operator', operators.length > 0],
    ['stage', instances.length > 0],
    ['adopt', instances.some(({ enabled }) => enabled) || controllers.some(({ adopted }) => adopted)],
    ['retire', owner !== null && !owner.there],
  ];
  const order = phasesFor(shape).map(({ name }) => name);
  const last = Math.max(-1, ...signs.filter(([, seen]) => seen).map(([phase]) => order.indexOf(phase)));
  // A phase begins only once the one before it is done.
  return phasesFor(shape)
    .slice(0, last + 1)
    .filter(({ commits }) => commits)
    .map(({ name }) => name);
}

function placeOf({ lease, steps }: Sighting, { state, begun }: Reading): Place {
  if (state === null) return 'legacy';
  if (begun.length > 0) {
    const ended = begun.includes('retire') && state.undoing === null && lease === null && steps !== null;
    return ended ? 'operator' : 'underway';
  }
  if (lease !== null) return 'underway';
  return steps === null ? 'legacy' : 'rolled-back';
}
