/** Where a cluster stands, as concluded from Git and the cluster alone. Types only. */
import type { CompensationName, PhaseName } from '../../plan/phases.ts';
import type { Finding, PhaseCommit } from '../contract.ts';
import type { RunRecord } from '../run-record.ts';
import type { SeenLease } from './sighting.ts';

/**
 * legacy: nothing of a handover is there; underway: within a run, forward or back; operator: handed over, the run has ended;
 * rolled-back: a run was undone whole; between: something does not fit, and nothing is concluded from it.
 */
export type Place = 'legacy' | 'underway' | 'operator' | 'rolled-back' | 'between';

export interface DueStep {
  name: CompensationName;
  phase: PhaseName;
}

export interface Standing {
  cluster: string;
  at: Place;
  /** The run at hand: in force, or the last one that was undone; null when there was none. */
  run: string | null;
  /** The last phase that has begun (forward), or whose way back has (back); null where there is none. */
  phase: PhaseName | null;
  way: 'forward' | 'back';
  /** What a rollback has to undo, in this order. Each may have been done in part, or not at all: doing it again is harmless. */
  due: DueStep[];
  /** The commits of what is in force, in the order of the phases; empty where Git does not answer. */
  commits: PhaseCommit[];
  record: RunRecord | null;
  lease: SeenLease | null;
  /** What it was concluded from, one sentence each. */
  evidence: string[];
  /** What does not fit; with any, nothing may be undone before it is mended. */
  misfits: Finding[];
  /** What a person should know before a rollback. */
  notes: Finding[];
  /** Git was asked, and answered. */
  gitAnswers: boolean;
}
