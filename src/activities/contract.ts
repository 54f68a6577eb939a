/** What the workflows may ask of one cluster: inputs, results and failures of its activities. Types only, no I/O. */
import type { HandoverConfig } from '../config/schema.ts';
import type { CompensationName, PhaseName } from '../plan/phases.ts';
import type { LegacyOwner, LegacyShape, PlannedTarget } from '../plan/types.ts';

/** What every activity of one cluster gets. Holds references to secrets, never secrets. */
export interface StepInput {
  /** Name of the run, e.g. `home-20261122-7f3a`; stands in commit trailers, the Lease and the baseline. */
  run: string;
  config: HandoverConfig;
  cluster: string;
  /** Digest of this cluster's plan as it was shown and approved. */
  planDigest: string;
  /** Commit at which the plan was made; null until preflight has settled it. */
  baseCommit: string | null;
  /** UID of the kube-system namespace; null until preflight has read it. */
  clusterUid: string | null;
}

/** Something kept outside history: what it is, how large, and where to find it. */
export interface EvidenceReference {
  name: string;
  /** `sha256:…` of the content. */
  digest: string;
  bytes: number;
  /** Path relative to the evidence folder of the config. */
  place: string;
}

/** One thing that was looked at and judged. */
export interface Finding {
  id: string;
  severity: 'refuse' | 'warn' | 'note';
  what: string;
  why: string;
  mend: string;
  /** Keys of objects that are lost; a person may pass over them, with a reason, where nothing else is found. */
  passable?: string[];
}

export interface PreflightResult {
  clusterUid: string;
  baseCommit: string;
  planDigest: string;
  shape: LegacyShape;
  target: PlannedTarget;
  /** What in Git owns the controllers, with its file; null where nothing does. */
  owner: PlannedOwner | null;
  /** Folder of the bootstrap kustomization, or null. */
  bootstrapPath: string | null;
  /** Warnings and notes; refusals are thrown as `Refused`. */
  findings: Finding[];
  /** Digest of the baseline snapshot. */
  baselineDigest: string;
  evidence: EvidenceReference[];
  /** What a person approves at the start gate: covers the plan and the baseline judgement. */
  gateDigest: string;
}

export type PlannedOwner = Pick<LegacyOwner, 'kind' | 'namespace' | 'name' | 'file'>;

/** The commit that brought a phase into force. */
export interface PhaseCommit {
  phase: PhaseName;
  commit: string;
  /** ISO time. */
  at: string;
}

/** Where the way back of a cluster begins, found from Git and the cluster alone. */
export interface WayBackFound {
  /** What every step of the run was called with; null when nothing is to be undone. */
  step: StepInput | null;
  shape: LegacyShape;
  install: Pick<PreflightResult, 'target' | 'owner' | 'bootstrapPath'> | null;
  /** In the order of undoing. Each may be undone in part or whole already: doing it again is harmless. */
  due: { name: CompensationName; phase: PhaseName }[];
  /** Of what an earlier workflow has done and is still in force, in the order of the phases. */
  commits: PhaseCommit[];
  /** What does not fit; with any, nothing may be undone before it is mended. */
  misfits: Finding[];
}

/** What people have built on Flux Operator; each finding names one object. */
export interface DependentsResult {
  dependents: Finding[];
}

export interface PhaseResult {
  /** Commit of this step, or null for a phase that commits nothing. */
  commit: string | null;
  /** The commit was already on the branch (the step was done by an earlier attempt). */
  alreadyDone: boolean;
  /** One line for a person. */
  summary: string;
  evidence: EvidenceReference[];
  findings: Finding[];
}

export interface Check {
  /** The command of the checklist, or the name of an invariant. */
  name: string;
  ok: boolean;
  detail: string;
  /** See `Finding.passable`. */
  passable?: string[];
}

export interface VerifyResult {
  ok: boolean;
  checks: Check[];
  evidence: EvidenceReference[];
  /** What the next gate is bound to: covers the plan's digest and what was shown since (dry run, judgement). */
  gateDigest: string;
}

/** Where the run stands, for the time in which its Lease does not tell. */
export interface StandInput extends PhaseInput {
  way: 'forward' | 'back';
  /** The step of this phase is under way, or was interrupted. */
  acting: boolean;
}

export interface WatchInput extends StandInput {
  /**
   * Breaches that were reported already: they are stopped again where they come again, and not reported twice. While there are any a
   * person is asked, so that nothing else is reported either but what had to be stopped.
   */
  known: string[];
}

/** Why a watch ended by itself. A watch that found nothing runs until it is cancelled. */
export interface WatchResult {
  breaches: Finding[];
  /** For the next watch. */
  known: string[];
  evidence: EvidenceReference[];
}

export interface PhaseInput extends StepInput {
  phase: PhaseName;
  /** Keys of objects whose loss a person passed over: they are not judged any more. */
  passedOver: string[];
}

export interface VerifyInput extends PhaseInput {
  /** Evidence shown since the last gate, e.g. the dry run; its digests go into `gateDigest`. */
  shown: EvidenceReference[];
}

/** The activities of one cluster, all idempotent, all on the queue of that cluster only. */
export interface ClusterActivities {
  /** Reads only. @throws Refused | Unreachable */
  preflight(input: StepInput): Promise<PreflightResult>;
  /** Takes the Lease; writes the baseline to the cluster and to `refs/handover/<run>`. @throws LockHeld */
  beginRun(input: StepInput): Promise<PhaseResult>;
  checkSecrets(input: PhaseInput): Promise<PhaseResult>;
  orphanLegacyOwner(input: PhaseInput): Promise<PhaseResult>;
  installOperator(input: PhaseInput): Promise<PhaseResult>;
  stageInstance(input: PhaseInput): Promise<PhaseResult>;
  adoptControllers(input: PhaseInput): Promise<PhaseResult>;
  retireLegacyOwner(input: PhaseInput): Promise<PhaseResult>;
  /** The checklist and the invariants, judged against the baseline. Never throws for a bad verdict: `ok` is false. */
  verify(input: VerifyInput): Promise<VerifyResult>;
  /**
   * Watches the invariants until it is cancelled, stops at once what could do harm, and ends with what has to be asked.
   * @throws LockHeld when another one drives the cluster, or nobody
   */
  watchHealth(input: WatchInput): Promise<WatchResult>;
  /** Lets go on what the watch had stopped, and waits until what must hold holds again. @throws Refused | NotReady */
  liftFirstAid(input: StandInput): Promise<PhaseResult>;
  /** Releases the Lease. The baseline stays on the cluster and in Git. */
  endRun(input: StepInput): Promise<PhaseResult>;
  /** Reads only, for a cluster whose workflow has ended: what is to be undone there. */
  findWayBack(input: StepInput): Promise<WayBackFound>;
  /** Reads only: what would be left without its operator by the way back. */
  findDependents(input: StepInput): Promise<DependentsResult>;
  restoreLegacyOwner(input: PhaseInput): Promise<PhaseResult>;
  removeOperator(input: PhaseInput): Promise<PhaseResult>;
  removeInstance(input: PhaseInput): Promise<PhaseResult>;
  handBack(input: PhaseInput): Promise<PhaseResult>;
  restoreRetired(input: PhaseInput): Promise<PhaseResult>;
}

/** Activity that carries a phase forward. preflight, soak and settle are driven by the workflow itself. */
export const forwardActivity = {
  secrets: 'checkSecrets',
  orphan: 'orphanLegacyOwner',
  operator: 'installOperator',
  stage: 'stageInstance',
  adopt: 'adoptControllers',
  retire: 'retireLegacyOwner',
} as const satisfies Partial<Record<PhaseName, keyof ClusterActivities>>;

/**
 * `type` of the ApplicationFailures thrown by the activities; details[0] is `Finding[]`.
 * All but `Unreachable` and `NotYet` are non-retryable: they need a person.
 */
export type FailureType =
  | 'Refused' // a check found what would hurt
  | 'PlanChanged' // the plan made at the branch's head has another digest
  | 'WrongCluster' // kube-system UID differs
  | 'LockHeld' // another run holds the Lease
  | 'NotReady' // a step did not become Ready within timeouts.ready
  | 'Forbidden' // credentials or permissions
  | 'Unreachable' // API server, Git or registry did not answer: retried
  | 'NotYet'; // passing state, e.g. a rejected push because of a race: retried
