/** What the commits of one run on a branch say: which phases are in force, and how far its way back has come. Pure. */
import { type Phase, type PhaseName, phasesOf } from '../../plan/phases.ts';
import type { LegacyShape } from '../../plan/types.ts';
import type { CommittedStep } from '../../repo/steps.ts';
import type { PhaseCommit } from '../contract.ts';
import type { DueStep } from './standing.ts';

export interface RunState {
  run: string;
  /** Phases whose commit is on the branch and was not undone, in their order. */
  inForce: PhaseName[];
  /** Of the phases in force. */
  commits: PhaseCommit[];
  /** The phase whose commit was undone last, while the run goes back; it may not have arrived everywhere. */
  undoing: PhaseName | null;
}

const undoPrefix = 'undo-';

/** The states of all runs, in the order in which they began. */
export function runStates(steps: CommittedStep[]): RunState[] {
  return [...Map.groupBy(steps, ({ run }) => run)].map(([run, ofRun]) => {
    const standing = ofRun.filter(({ undone }) => !undone);
    const undoing = standing
      .findLast(({ step }) => step.startsWith(undoPrefix))
      ?.step.slice(undoPrefix.length);
    const commits = order().flatMap((phase): PhaseCommit[] => {
      const made = standing.findLast(({ step }) => step === phase);
      return made ? [{ phase, commit: made.commit, at: made.at }] : [];
    });
    return {
      run,
      inForce: commits.map(({ phase }) => phase),
      commits,
      undoing: order().find((phase) => phase === undoing) ?? null,
    };
  });
}

function order(): PhaseName[] {
  return (phasesOf('self-managed') ?? []).map(({ name }) => name);
}

/** Phases of a shape; of the fullest one where the shape has no table of its own. */
export function phasesFor(shape: LegacyShape): readonly Phase[] {
  return phasesOf(shape) ?? phasesOf('self-managed') ?? [];
}

/**
 * The ways back that are due, the last phase first. A phase that has begun counts, however far it came; and so does the one whose
 * way back has begun last, because it may not have ended.
 */
export function dueOf(shape: LegacyShape, begun: readonly PhaseName[], undoing: PhaseName | null): DueStep[] {
  return phasesFor(shape)
    .flatMap(({ name, compensation }) =>
      compensation && (begun.includes(name) || name === undoing) ? [{ name: compensation, phase: name }] : [],
    )
    .toReversed();
}
