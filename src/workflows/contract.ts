/** Messages, queries, memo and results of the workflows: the contract between workflow code and every client. */
import type { Check, EvidenceReference, Finding } from '../activities/contract.ts';
import type { GateName, HandoverConfig } from '../config/schema.ts';
import type { PhaseName } from '../plan/phases.ts';
import type { LegacyShape } from '../plan/types.ts';

export interface ClusterPlanReference {
  name: string;
  planDigest: string;
  baseCommit: string;
}

export interface FleetInput {
  run: string;
  config: HandoverConfig;
  planDigest: string;
  plans: ClusterPlanReference[];
  startedBy: string;
  /** Only the way back, for clusters that an earlier run has left: those in `plans`, the last one first. */
  back?: WayBackWord;
}

export interface ClusterInput {
  run: string;
  config: HandoverConfig;
  cluster: string;
  planDigest: string;
  baseCommit: string;
  /** Only the way back, for a cluster that an earlier workflow has left: what is to be undone is found on the cluster. */
  back?: WayBackWord;
}

/** On whose word a cluster is brought back, and why. */
export interface WayBackWord {
  approver: string;
  reason: string;
}

export type ClusterOutcome = 'operator' | 'legacy' | 'rejected' | 'abandoned';

export interface ClusterResult {
  cluster: string;
  /** operator: handed over and healthy; legacy: rolled back; rejected: nothing was begun; abandoned: a person took over. */
  outcome: ClusterOutcome;
}

export interface FleetResult {
  run: string;
  /** Only the clusters that were begun, in order; one that was handed over and brought back again stands as it ended. */
  clusters: ClusterResult[];
  /** Clusters that were not touched because one before them did not end as `operator`. */
  untouched: string[];
  /** Why the fleet stopped before its end; null when every cluster was handed over. */
  why: string | null;
}

/** A person's word at a gate. Sent as signal `decide` or as Update `decideUpdate`. */
export interface GateDecision {
  /** Unique per decision; a second message with the same id is recorded as a duplicate and changes nothing. */
  requestId: string;
  gate: GateName;
  /** Digest of what was shown (GateRequest.digest). Another digest is refused. */
  digest: string;
  decision: 'approve' | 'reject';
  approver: string;
  reason?: string;
}

export interface SoakSkip {
  requestId: string;
  approver: string;
  reason?: string;
}

/**
 * A person's word to take the way back. Sent as signal `rollback` or as Update `rollbackUpdate`; counts from the first moment
 * until the workflow ends: what the way forward is doing is stopped, then everything begun is undone.
 */
export interface RollbackRequest {
  requestId: string;
  approver: string;
  reason?: string;
}

/**
 * A person's word to bring clusters of a running fleet back, those that were handed over included. Sent to the fleet as signal
 * `rollback` or Update `rollbackUpdate`.
 */
export interface FleetRollbackRequest extends RollbackRequest {
  /** Default: every cluster that was begun; then no further one is begun. */
  clusters?: string[];
}

/** A person's word to stop and wait. Sent as signal `pause`; counts as long as the way leads forward, and ends in a hold. */
export interface PauseRequest {
  requestId: string;
  approver: string;
  reason?: string;
}

/** A person's word when a cluster is held. `skip` passes over what the hold is about, where it is offered, and needs a reason. */
export interface HoldResolution {
  requestId: string;
  action: 'retry' | 'rollback' | 'skip' | 'abandon';
  approver: string;
  reason?: string;
}

/** One message that arrived, and what became of it. */
export interface AuditEntry {
  at: string;
  requestId: string;
  message: 'decide' | 'skipSoak' | 'resolve' | 'rollback' | 'pause';
  approver: string;
  /** What was asked, e.g. `approve cutover`. */
  asked: string;
  /** The person's own reason, empty when none was given. */
  reason: string;
  verdict: 'accepted' | 'refused' | 'duplicate';
  why: string;
}

/** An open gate, with what is to be approved. */
export interface GateRequest {
  gate: GateName;
  digest: string;
  since: string;
  planDigest: string;
  /** Sentences and evidence that the approver should look at. */
  shown: string[];
  evidence: EvidenceReference[];
}

/** Why a cluster is held and what a person can do. */
export interface Hold {
  since: string;
  phase: PhaseName;
  findings: Finding[];
  /** Commands, ready to paste. */
  choices: string[];
  /** On the way back: what a person types to do the failed compensation by hand, lines with `#` for reading; else empty. */
  byHand: string[];
}

/** That a cluster goes back, or went: since when, on whose word, why, and what is still to be undone. */
export interface WayBack {
  since: string;
  /** The person; or `handover.yaml` where it says to go back without asking, or `Temporal` for a cancellation. */
  by: string;
  /** The reason given, empty when none was. */
  reason: string;
  /** What was found, where something was: a failed phase or a breach. */
  findings: Finding[];
  /** Phases still to be undone, the next one first. */
  left: PhaseName[];
}

export type ClusterState =
  | 'running'
  | 'waiting-for-gate'
  | 'waiting-for-window'
  | 'soaking'
  | 'held'
  | 'rolling-back'
  | 'done'
  | 'rolled-back'
  | 'stopped';

export interface PhaseRecord {
  phase: PhaseName;
  startedAt: string;
  endedAt: string | null;
  commit: string | null;
  summary: string;
  checks: Check[];
  evidence: EvidenceReference[];
}

/** Answer of query `status`, and (without `phases[].checks` and `audit`) what the memo holds. */
export interface ClusterStatus {
  run: string;
  cluster: string;
  state: ClusterState;
  phase: PhaseName | null;
  since: string;
  planDigest: string;
  gate: GateRequest | null;
  hold: Hold | null;
  /** Null as long as the way leads forward. */
  back: WayBack | null;
  /** When the current soak or the wait for a window ends, ISO time. */
  until: string | null;
  phases: PhaseRecord[];
  audit: AuditEntry[];
  /** Shape of the legacy install, which says what phases there are. Only in answers of the workflow itself, not in the memo. */
  shape?: LegacyShape;
  /** Keys of objects whose loss a person passed over; likewise. */
  passedOver?: string[];
}

export interface FleetStatus {
  run: string;
  planDigest: string;
  clusters: {
    cluster: string;
    state: ClusterState | 'pending';
    phase: PhaseName | null;
    outcome: ClusterOutcome | null;
  }[];
  /** Messages to the fleet, and what became of them. */
  audit: AuditEntry[];
}

export const messageNames = {
  decide: 'decide',
  decideUpdate: 'decideUpdate',
  skipSoak: 'skipSoak',
  resolve: 'resolve',
  rollback: 'rollback',
  pause: 'pause',
  rollbackUpdate: 'rollbackUpdate',
  status: 'status',
} as const;

/** Workflow types as registered. */
export const workflowTypes = { fleet: 'fleetHandover', cluster: 'clusterHandover' } as const;

/** Typed search attributes (Keyword), registered by `dev` and `doctor --fix`. */
export const searchAttributeNames = {
  fleet: 'FleetName',
  cluster: 'ClusterName',
  phase: 'HandoverPhase',
  gate: 'HandoverGate',
} as const;

export function fleetWorkflowId(fleet: string): string {
  return `handover/${fleet}`;
}

export function clusterWorkflowId(fleet: string, cluster: string): string {
  return `handover/${fleet}/${cluster}`;
}

/** Queue of the workflows of a fleet. */
export function fleetTaskQueue(fleet: string): string {
  return `handover-${fleet}`;
}

/** Queue of one cluster's activities: only a worker that holds this cluster's kubeconfig listens here. */
export function clusterTaskQueue(fleet: string, cluster: string): string {
  return `handover-${fleet}-${cluster}`;
}
