/** The state of one cluster's handover: what it tells (query, memo, search attributes) and what it is told (messages). */
import type { PhaseName } from '../plan/phases.ts';
import {
  type AuditEntry,
  type ClusterInput,
  type ClusterStatus,
  type GateDecision,
  type HoldResolution,
  type PauseRequest,
  type RollbackRequest,
  type SoakSkip,
} from './contract.ts';
import { Interruptible } from './interruption.ts';
import {
  judgeDecision,
  judgePause,
  judgeResolution,
  judgeRollback,
  judgeSoakSkip,
  text,
  type Bench,
  type Verdict,
} from './judge-decision.ts';
import { Publication } from './publication.ts';
import type { Watching } from './watch.ts';
import { firstProgress, type Carried, type Progress } from './progress.ts';

/** Audit entries kept; a client that signals in a loop must not fill the memory. Request ids are all remembered. */
const auditLimit = 500;

export class ClusterState {
  readonly status: ClusterStatus;
  readonly progress: Progress;
  /** Accepted messages that the run has not taken up yet. */
  decision: GateDecision | null = null;
  skip: SoakSkip | null = null;
  resolution: HoldResolution | null = null;
  /** The watch over the cluster, while it runs. */
  watching: Watching | null = null;
  /** The way forward, as something that a message or the watch can stop. */
  readonly forward: Interruptible;
  private readonly heard: Set<string>;
  private readonly approvers: readonly string[] | undefined;
  private readonly publication: Publication;

  constructor(input: ClusterInput, carried: Carried | undefined) {
    this.approvers = input.config.approvers;
    this.heard = new Set(carried?.heard);
    this.progress = carried?.progress ?? firstProgress();
    this.status = carried?.status ?? firstStatus(input);
    this.forward = new Interruptible(this.progress);
    this.publication = new Publication(carried?.status);
  }

  /** Handlers: synchronous, never throwing, whatever was sent. */
  decide(decision: GateDecision): AuditEntry {
    const judged = this.judge(decision);
    if (judged.verdict === 'accepted') this.decision = decision;
    return this.note('decide', decision, `${text(decision?.decision)} ${text(decision?.gate)}`, judged);
  }

  skipSoak(skip: SoakSkip): AuditEntry {
    const judged = judgeSoakSkip(this.bench(), skip ?? {});
    if (judged.verdict === 'accepted') this.skip = skip;
    return this.note('skipSoak', skip, 'skip soak', judged);
  }

  resolve(resolution: HoldResolution): AuditEntry {
    const judged = judgeResolution(this.bench(), resolution ?? {});
    if (judged.verdict === 'accepted') this.resolution = resolution;
    return this.note('resolve', resolution, text(resolution?.action), judged);
  }

  rollback(request: RollbackRequest): AuditEntry {
    const judged = this.judgeRollback(request);
    if (judged.verdict === 'accepted')
      this.forward.raise({ by: 'rollback', approver: request.approver, reason: text(request.reason) });
    return this.note('rollback', request, 'rollback', judged);
  }

  pause(request: PauseRequest): AuditEntry {
    const judged = judgePause(this.bench(), request ?? {});
    if (judged.verdict === 'accepted')
      this.forward.raise({ by: 'pause', approver: request.approver, reason: text(request.reason) });
    return this.note('pause', request, 'pause', judged);
  }

  /** The accepted messages, each handed over once. */
  takeDecision(): GateDecision | null {
    const { decision } = this;
    this.decision = null;
    return decision;
  }

  takeSkip(): SoakSkip | null {
    const { skip } = this;
    this.skip = null;
    return skip;
  }

  takeResolution(): HoldResolution | null {
    const { resolution } = this;
    this.resolution = null;
    return resolution;
  }

  /** What would become of this decision now; changes nothing. */
  judge(decision: GateDecision): Verdict {
    return judgeDecision(this.bench(), decision ?? {});
  }

  judgeRollback(request: RollbackRequest): Verdict {
    return judgeRollback(this.bench(), request ?? {});
  }

  /** A gate that the configuration lets pass by itself is kept in the audit list, too. */
  noteAutomatic(gate: string): void {
    const why = `gate ${gate} is set to auto in handover.yaml and its conditions hold`;
    this.note(
      'decide',
      { requestId: `auto-${gate}-${this.status.audit.length}`, approver: 'handover.yaml' },
      `approve ${gate}`,
      { verdict: 'accepted', why },
    );
  }

  /** A way back that handover.yaml takes without asking, kept in the audit list as its decision. */
  noteAutomaticRollback(setting: string, why: string): void {
    this.note(
      'rollback',
      { requestId: `auto-rollback-${this.status.audit.length}`, approver: 'handover.yaml' },
      'rollback',
      { verdict: 'accepted', why: `${setting}: rollback is set in handover.yaml, and ${why}` },
    );
  }

  /** Changes what the status says; `since` moves with the state and the phase. */
  show(change: Partial<ClusterStatus>): void {
    const moved =
      (change.state ?? this.status.state) !== this.status.state ||
      (change.phase ?? this.status.phase) !== this.status.phase;
    Object.assign(this.status, change, moved ? { since: new Date().toISOString() } : {});
  }

  /** Opens the record of a phase, or goes on with the one that is open. */
  record(phase: PhaseName): ClusterStatus['phases'][number] {
    const open = this.status.phases.findLast((each) => each.phase === phase && each.endedAt === null);
    if (open) return open;
    const record = {
      phase,
      startedAt: new Date().toISOString(),
      endedAt: null,
      commit: null,
      summary: '',
      checks: [],
      evidence: [],
    };
    this.status.phases.push(record);
    return record;
  }

  /** Ends what is open, so that the way back gets records of its own. */
  closeRecords(why: string): void {
    for (const record of this.status.phases)
      if (record.endedAt === null)
        Object.assign(record, { endedAt: new Date().toISOString(), summary: record.summary || why });
  }

  publish(): void {
    this.publication.publish(this.status);
  }

  carry(): Carried {
    return { progress: this.progress, status: this.status, heard: [...this.heard] };
  }

  private bench(): Bench {
    const { cluster, gate, hold, state } = this.status;
    return {
      cluster,
      approvers: this.approvers,
      heard: this.heard,
      // One that was answered or resolved in this very moment is no longer open.
      gate: this.decision ? null : gate,
      soaking: state === 'soaking' && !this.skip,
      hold: hold && !this.resolution ? this.progress.actions : null,
      goingBack: this.progress.direction === 'back' || this.progress.interruption?.by === 'rollback',
    };
  }

  private note(
    message: AuditEntry['message'],
    sent: { requestId?: string; approver?: string; reason?: string } | undefined,
    asked: string,
    judged: Verdict,
  ): AuditEntry {
    const requestId = text(sent?.requestId);
    if (requestId) this.heard.add(requestId);
    const entry = {
      at: new Date().toISOString(),
      requestId,
      message,
      approver: text(sent?.approver),
      asked: asked.trim(),
      reason: text(sent?.reason),
      ...judged,
    };
    this.status.audit.push(entry);
    if (this.status.audit.length > auditLimit) this.status.audit.shift();
    return entry;
  }
}

function firstStatus({ run, cluster, planDigest }: ClusterInput): ClusterStatus {
  const since = new Date().toISOString();
  return {
    run,
    cluster,
    state: 'running',
    phase: null,
    since,
    planDigest,
    gate: null,
    hold: null,
    back: null,
    until: null,
    phases: [],
    audit: [],
  };
}
