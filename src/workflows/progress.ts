/** How far one cluster's handover has come, as plain data: all that a continued-as-new run must know. */
import type { EvidenceReference, PreflightResult } from '../activities/contract.ts';
import type { GateName } from '../config/schema.ts';
import type { CompensationName, PhaseName } from '../plan/phases.ts';
import type { LegacyShape } from '../plan/types.ts';
import type { ClusterStatus, HoldResolution } from './contract.ts';
import type { Interruption } from './interruption.ts';

/** The latest judgement of the cluster, by preflight or by verify; the next gate is bound to its digest. */
interface Judgement {
  at: string;
  /** A verdict that was bad is never taken for a fresh one. */
  ok: boolean;
  gateDigest: string;
  /** What an approver should read. */
  sentences: string[];
  evidence: EvidenceReference[];
}

export type Install = Pick<PreflightResult, 'target' | 'owner' | 'bootstrapPath'>;

export interface Progress {
  direction: 'forward' | 'back';
  /** Index of the current phase in the phase table. */
  next: number;
  /** The current phase has begun to act: its gate and its window lie behind. */
  acting: boolean;
  shape: LegacyShape;
  /** What preflight found of the install, for the commands that a person may have to type; null before it. */
  install: Install | null;
  clusterUid: string | null;
  baseCommit: string | null;
  /** The gate of the current phase, once passed, and the digest that was approved. */
  approved: { gate: GateName; digest: string } | null;
  judgement: Judgement | null;
  /** Evidence of the phases since the last gate. */
  shown: EvidenceReference[];
  /**
   * Whether this run holds the cluster's Lease. `unsure` while it is asked for or given back: it is given back in any case, and
   * taken again before anything is undone.
   */
  lease: 'none' | 'unsure' | 'held';
  /** Ways back, in the order of their phases; taken from the end. */
  compensations: { name: CompensationName; phase: PhaseName }[];
  /** False while a workflow that only goes back has not found out what is to be undone. */
  wayBackKnown: boolean;
  /** What people built on the operator was looked for, and nothing was found or a person passed over it. */
  dependentsSettled: boolean;
  /** False from the first compensation on, until the cluster was judged to be as in the baseline again. */
  restored: boolean;
  /** Milliseconds of the current soak that are left; null outside of one. */
  soakLeft: number | null;
  /** What the current hold offers. */
  actions: HoldResolution['action'][];
  /** A cancellation is the reason for the way back. */
  cancelled: boolean;
  /** What the watch has reported and no person has let go since: it is guarded against, and not reported again. */
  known: string[];
  /** Keys of objects whose loss a person passed over. */
  passedOver: string[];
  /** The watch could not go on: it begins again on a person's word. */
  unwatched: boolean;
  /** What stops the way forward, until it is answered by a hold or the way back. */
  interruption: Interruption | null;
}

/** Handed over by continue-as-new. */
export interface Carried {
  progress: Progress;
  status: ClusterStatus;
  /** Request ids heard so far: the server's own dedupe does not cross continue-as-new. */
  heard: string[];
}

export function firstProgress(): Progress {
  return {
    direction: 'forward',
    next: 0,
    acting: false,
    // Every table begins with the same read-only preflight, which then says what shape it found.
    shape: 'self-managed',
    install: null,
    clusterUid: null,
    baseCommit: null,
    approved: null,
    judgement: null,
    shown: [],
    lease: 'none',
    compensations: [],
    wayBackKnown: true,
    dependentsSettled: false,
    restored: true,
    soakLeft: null,
    actions: [],
    cancelled: false,
    known: [],
    passedOver: [],
    unwatched: false,
    interruption: null,
  };
}
