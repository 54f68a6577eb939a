/** What becomes of a message: pure functions, used by the signals and by the Update's validator alike. */
import type { GateName } from '../config/schema.ts';
import type {
  AuditEntry,
  GateDecision,
  GateRequest,
  HoldResolution,
  PauseRequest,
  RollbackRequest,
  SoakSkip,
} from './contract.ts';

export interface Verdict {
  verdict: AuditEntry['verdict'];
  why: string;
}

/** What a message is judged against. */
export interface Bench {
  cluster: string;
  /** Who may approve; undefined: anyone who can reach the workflow. */
  approvers: readonly string[] | undefined;
  /** Request ids that were heard before, whatever became of them. */
  heard: ReadonlySet<string>;
  gate: GateRequest | null;
  soaking: boolean;
  /** Actions the current hold offers; null when the cluster is not held. */
  hold: readonly HoldResolution['action'][] | null;
  /** The way back is taken, or its word was accepted. */
  goingBack: boolean;
}

export const gateNames: readonly GateName[] = ['start', 'cutover', 'retire'];

const look = (cluster: string): string => `look again with: flux-handover status ${cluster}`;
const accepted = (why: string): Verdict => ({ verdict: 'accepted', why });
const refused = (why: string): Verdict => ({ verdict: 'refused', why });

/** A decision counts only for the gate that is open now and for exactly what it shows now. */
export function judgeDecision(bench: Bench, decision: GateDecision): Verdict {
  const sender = judgeSender(bench, decision);
  if (sender) return sender;
  const { gate, digest } = decision;
  if (!gateNames.includes(gate))
    return refused(`there is no gate "${text(gate)}": the gates are ${gateNames.join(', ')}`);
  if (decision.decision !== 'approve' && decision.decision !== 'reject')
    return refused(`"${text(decision.decision)}" is no decision: say approve or reject`);
  if (bench.gate?.gate !== gate)
    return refused(
      `gate ${gate} of ${bench.cluster} is not open${bench.gate ? ` (${bench.gate.gate} is)` : ''}; ${look(bench.cluster)}`,
    );
  if (bench.gate.digest !== digest)
    return refused(
      `the decision is for ${text(digest) || 'no digest'}, but gate ${gate} now shows ${bench.gate.digest}; ${look(bench.cluster)}`,
    );
  return accepted(
    `gate ${gate} ${decision.decision === 'approve' ? 'approved' : 'rejected'} by ${decision.approver}`,
  );
}

export function judgeSoakSkip(bench: Bench, skip: SoakSkip): Verdict {
  const sender = judgeSender(bench, skip);
  if (sender) return sender;
  return bench.soaking
    ? accepted(`soak ended early by ${skip.approver}`)
    : refused(`${bench.cluster} is not soaking; ${look(bench.cluster)}`);
}

export function judgeResolution(bench: Bench, resolution: HoldResolution): Verdict {
  const sender = judgeSender(bench, resolution);
  if (sender) return sender;
  if (!bench.hold) return refused(`${bench.cluster} is not held; ${look(bench.cluster)}`);
  if (!bench.hold.includes(resolution.action))
    return refused(`"${text(resolution.action)}" is not offered here: choose ${bench.hold.join(', ')}`);
  if (resolution.action === 'skip' && !text(resolution.reason).trim())
    return refused(
      'skip needs a reason: what is passed over stays on the cluster, and the record must say why',
    );
  return accepted(`${resolution.action} chosen by ${resolution.approver}`);
}

/** Counts at any time; only what goes back already can not be sent back again. */
export function judgeRollback(bench: Bench, request: RollbackRequest): Verdict {
  const sender = judgeSender(bench, request);
  if (sender) return sender;
  return bench.goingBack
    ? refused(`${bench.cluster} is on its way back already; ${look(bench.cluster)}`)
    : accepted(`the way back is taken on the word of ${request.approver}`);
}

/** Counts as long as the way leads forward and nothing holds it yet. */
export function judgePause(bench: Bench, request: PauseRequest): Verdict {
  const sender = judgeSender(bench, request);
  if (sender) return sender;
  if (bench.goingBack) return refused(`${bench.cluster} is on its way back; ${look(bench.cluster)}`);
  if (bench.hold) return refused(`${bench.cluster} is held already; ${look(bench.cluster)}`);
  return accepted(`${bench.cluster} stands still on the word of ${request.approver}`);
}

/** Anyone can type a signal by hand, so every field is doubted. */
export function judgeSender(
  { heard, approvers }: Pick<Bench, 'heard' | 'approvers'>,
  message: { requestId: string; approver: string },
): Verdict | null {
  if (!text(message.requestId)) return refused('the message has no requestId');
  if (heard.has(message.requestId))
    return { verdict: 'duplicate', why: `${message.requestId} was heard before; it changes nothing` };
  if (!text(message.approver)) return refused('the message does not say who approves (approver)');
  if (approvers && !approvers.includes(message.approver))
    return refused(
      `${message.approver} is not among the approvers of handover.yaml (${approvers.join(', ')})`,
    );
  return null;
}

/** A field as a short text, whatever was sent. */
export function text(field: unknown): string {
  return typeof field === 'string' ? field.slice(0, 200) : '';
}
