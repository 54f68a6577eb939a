/** The state of a fleet's run: what it tells, what it was told, and which clusters are to be brought back. */
import { upsertMemo } from '@temporalio/workflow';
import type {
  AuditEntry,
  ClusterOutcome,
  ClusterResult,
  FleetInput,
  FleetResult,
  FleetRollbackRequest,
  FleetStatus,
} from './contract.ts';
import { judgeSender, text, type Verdict } from './judge-decision.ts';

/** An accepted word to bring clusters back. */
export interface Recall {
  requestId: string;
  approver: string;
  reason: string;
  /** Null: every cluster that was begun, and no further one is begun. */
  clusters: string[] | null;
}

export class FleetState {
  readonly status: FleetStatus;
  readonly result: FleetResult;
  /** The word that ends the way forward of the whole fleet. */
  ending: Recall | null = null;
  /** Words not yet taken up. */
  private readonly recalls: Recall[] = [];
  /** Not the SDK's Trigger: that one rejects when the fleet is cancelled, while its cluster is still going back. */
  private waking = Promise.withResolvers<void>();
  private readonly heard = new Set<string>();
  private readonly approvers: readonly string[] | undefined;

  constructor({ run, planDigest, plans, config }: FleetInput) {
    this.approvers = config.approvers;
    this.result = { run, clusters: [], untouched: [], why: null };
    this.status = {
      run,
      planDigest,
      clusters: plans.map(({ name }) => ({ cluster: name, state: 'pending', phase: null, outcome: null })),
      audit: [],
    };
  }

  /** Handler: synchronous, never throwing, whatever was sent. */
  rollback(request: FleetRollbackRequest): AuditEntry {
    const judged = this.judge(request);
    const { requestId, approver, reason, clusters } = request ?? {};
    if (judged.verdict === 'accepted') {
      const recall = { requestId, approver, reason: text(reason), clusters: clusters ?? null };
      if (!clusters) this.ending = recall;
      this.recalls.push(recall);
      this.waking.resolve();
    }
    if (text(requestId)) this.heard.add(requestId);
    const entry: AuditEntry = {
      at: new Date().toISOString(),
      requestId: text(requestId),
      message: 'rollback',
      approver: text(approver),
      asked: `rollback ${Array.isArray(clusters) ? clusters.map(text).join(', ') : 'the fleet'}`,
      reason: text(reason),
      ...judged,
    };
    this.status.audit.push(entry);
    if (this.status.audit.length > 100) this.status.audit.shift();
    return entry;
  }

  judge(request: FleetRollbackRequest): Verdict {
    const sender = judgeSender({ heard: this.heard, approvers: this.approvers }, request ?? {});
    if (sender) return sender;
    if (this.ending) return refused('the fleet is on its way back already');
    const { clusters } = request;
    if (clusters !== undefined && (!Array.isArray(clusters) || clusters.length === 0))
      return refused('clusters must be a list of names, or be left out for the whole fleet');
    for (const name of clusters ?? []) {
      const known = this.status.clusters.find(({ cluster }) => cluster === name);
      if (!known) return refused(`the run has no cluster ${text(name)}`);
      if (known.state === 'pending') return refused(`${name} was not begun: there is nothing to bring back`);
      if (known.state === 'rolled-back' || known.state === 'rolling-back')
        return refused(`${name} is ${known.state} already`);
    }
    return { verdict: 'accepted', why: `the way back is taken on the word of ${request.approver}` };
  }

  /** Ends when a word arrives; at once when one waits. */
  async woken(): Promise<'word'> {
    if (this.recalls.length === 0) await this.waking.promise;
    return 'word';
  }

  take(): Recall | undefined {
    const recall = this.recalls.shift();
    if (this.recalls.length === 0) this.waking = Promise.withResolvers<void>();
    return recall;
  }

  /** Names of the clusters that stand on the operator by this run, the last one first. */
  handedOver(): string[] {
    return this.result.clusters
      .filter(({ outcome }) => outcome === 'operator')
      .map(({ cluster }) => cluster)
      .toReversed();
  }

  begin(cluster: string, state: 'running' | 'rolling-back'): void {
    this.tell(cluster, { state });
  }

  end(ended: ClusterResult): void {
    const before = this.result.clusters.findIndex(({ cluster }) => cluster === ended.cluster);
    if (before < 0) this.result.clusters.push(ended);
    else this.result.clusters[before] = ended;
    this.tell(ended.cluster, { state: endState[ended.outcome], outcome: ended.outcome });
  }

  private tell(name: string, change: Partial<FleetStatus['clusters'][number]>): void {
    const cluster = this.status.clusters.find((each) => each.cluster === name);
    if (cluster) Object.assign(cluster, change);
    upsertMemo({ status: { ...this.status, audit: [] } });
  }
}

const refused = (why: string): Verdict => ({ verdict: 'refused', why });

const endState: Record<ClusterOutcome, 'done' | 'rolled-back' | 'stopped'> = {
  operator: 'done',
  legacy: 'rolled-back',
  rejected: 'stopped',
  abandoned: 'stopped',
};
