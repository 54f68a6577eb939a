/** Plays the person at the gates: looks at the status, waits for what is expected, decides. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type {
  ClusterStatus,
  GateDecision,
  HoldResolution,
  RollbackRequest,
} from '../../src/workflows/contract.ts';
import type { FakeCluster } from './fake-cluster.ts';

/** Someone at a terminal: looks, waits, decides. */
export class Person {
  private readonly client: Client;
  private readonly workflowId: string;
  private readonly cluster: FakeCluster;

  constructor(client: Client, workflowId: string, cluster: FakeCluster) {
    this.cluster = cluster;
    this.client = client;
    this.workflowId = workflowId;
  }

  async status(): Promise<ClusterStatus> {
    // A query waits for ever where no worker answers.
    return this.client.withDeadline(Date.now() + 20_000, () =>
      this.client.workflow.getHandle(this.workflowId).query<ClusterStatus>('status'),
    );
  }

  /**
   * Polls until the status is as asked for; says what it was when it never is. Patient: beside a lab on the same two cores one task
   * that the server loses costs its timeout, 10 to 30 s, and a fleet takes many tasks.
   */
  async sees(
    what: string,
    seen: (status: ClusterStatus) => boolean,
    patience = 150_000,
  ): Promise<ClusterStatus> {
    const deadline = Date.now() + patience;
    let last: unknown;
    while (Date.now() < deadline) {
      try {
        const status = await this.status();
        if (seen(status)) return status;
        last = {
          state: status.state,
          phase: status.phase,
          gate: status.gate?.gate,
          hold: status.hold?.findings,
        };
      } catch (error) {
        last = error;
      }
      await delay(50);
    }
    const calls = this.cluster.journal
      .slice(-8)
      .map(
        ({ cluster, activity, attempt, at }) =>
          `${cluster} ${activity} (${attempt}) ${Date.now() - at} ms ago`,
      );
    throw new Error(
      `never saw ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}; calls: ${calls.join(', ') || 'none'}`,
    );
  }

  /** Sees a soak in which nothing but the watch goes on. */
  async seesSoak(phase: 'soak' | 'settle'): Promise<ClusterStatus> {
    const status = await this.sees(
      `the ${phase}`,
      ({ state, phase: current }) =>
        state === 'soaking' && current === phase && this.cluster.watches().length > 0,
    );
    await delay(200);
    return status;
  }

  async seesGate(gate: string): Promise<ClusterStatus> {
    return this.sees(`gate ${gate}`, (status) => status.gate?.gate === gate);
  }

  async seesHold(): Promise<ClusterStatus> {
    return this.sees('a hold', (status) => status.hold !== null);
  }

  async decides(decision: Partial<GateDecision>): Promise<string> {
    const requestId = decision.requestId ?? randomUUID();
    await this.client.workflow
      .getHandle(this.workflowId)
      .signal('decide', { requestId, decision: 'approve', approver: 'anna', ...decision });
    return requestId;
  }

  /** Waits for the gate and approves exactly what it shows. */
  async approves(gate: GateDecision['gate']): Promise<ClusterStatus> {
    const status = await this.seesGate(gate);
    await this.decides({ gate, digest: status.gate?.digest ?? '' });
    await this.sees(`gate ${gate} closed`, ({ gate: open }) => open?.gate !== gate);
    return status;
  }

  async rejects(gate: GateDecision['gate']): Promise<void> {
    const status = await this.seesGate(gate);
    await this.decides({ gate, digest: status.gate?.digest ?? '', decision: 'reject' });
  }

  async resolves(action: HoldResolution['action'], reason?: string): Promise<void> {
    await this.client.workflow.getHandle(this.workflowId).signal('resolve', {
      requestId: randomUUID(),
      action,
      approver: 'anna',
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Wants the cluster back, whatever goes on there. */
  async rollsBack(request: Partial<RollbackRequest> = {}): Promise<void> {
    await this.client.workflow
      .getHandle(this.workflowId)
      .signal('rollback', { requestId: randomUUID(), approver: 'anna', ...request });
  }

  async skipsSoak(): Promise<void> {
    await this.client.workflow
      .getHandle(this.workflowId)
      .signal('skipSoak', { requestId: randomUUID(), approver: 'anna' });
  }
}
