/** A fleet of fake clusters on a real Temporal server: starts workers and workflows and plays the person at the gates. */
import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { handoverSchema, type HandoverConfig } from '../../src/config/schema.ts';
import { createWorker, type HandoverWorker } from '../../src/worker/index.ts';
import { makeBundle } from '../../src/worker/bundle.ts';
import {
  clusterWorkflowId,
  fleetTaskQueue,
  fleetWorkflowId,
  type ClusterStatus,
  type FleetInput,
  type GateDecision,
  type HoldResolution,
} from '../../src/workflows/contract.ts';
import type { clusterHandover, fleetHandover } from '../../src/workflows/index.ts';
import { FakeCluster, type Call } from './fake-cluster.ts';

let bundle: Promise<WorkflowBundleOption> | undefined;
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
export const workflowBundle = (): Promise<WorkflowBundleOption> => (bundle ??= makeBundle(quiet));

export interface World {
  /** Not the environment's own client: that one lets time run ahead whenever a result is awaited, also while a person is still thinking. */
  client: Client;
  config: HandoverConfig;
  journal: Call[];
  edge: FakeCluster;
  main: FakeCluster;
  person: (cluster: 'edge' | 'main') => Person;
  startWorker: (clusters?: string[]) => Promise<RunningWorker>;
  startFleet: () => Promise<WorkflowHandleWithFirstExecutionRunId<typeof fleetHandover>>;
  startCluster: (cluster?: string) => Promise<WorkflowHandleWithFirstExecutionRunId<typeof clusterHandover>>;
}

interface RunningWorker {
  worker: HandoverWorker;
  stop: () => Promise<void>;
}

/** Fields of handover.yaml that a test sets; each world has a fleet of its own, so tests do not meet. */
export function world(env: TestWorkflowEnvironment, settings: Record<string, unknown> = {}): World {
  const clusters = ['edge', 'main'].map((name) => ({
    name,
    branch: name,
    path: `kubernetes/${name}`,
    context: name,
  }));
  const config = handoverSchema.parse({
    apiVersion: 'flux-handover/v1',
    fleet: `fleet-${randomUUID().slice(0, 8)}`,
    repository: { url: 'http://git.test/home-ops.git' },
    clusters,
    soak: { afterAdopt: '7d', afterRetire: '1h' },
    ...settings,
  });
  const journal: Call[] = [];
  const edge = new FakeCluster('edge', journal);
  const main = new FakeCluster('main', journal);
  const run = `${config.fleet}-run`;
  const client = new Client({ connection: env.connection, namespace: env.namespace ?? 'default' });
  return {
    client,
    config,
    journal,
    edge,
    main,
    person: (cluster) =>
      new Person(client, clusterWorkflowId(config.fleet, cluster), cluster === 'edge' ? edge : main),
    async startWorker(names) {
      const fakes: Record<string, FakeCluster> = { edge, main };
      const worker = await createWorker({
        connection: env.nativeConnection,
        namespace: env.namespace,
        config,
        clusters: names,
        bundle: await workflowBundle(),
        activitiesOf: (name) => (fakes[name] ?? edge).activities(),
      });
      const running = worker.run();
      return {
        worker,
        async stop() {
          worker.shutdown();
          await running;
        },
      };
    },
    async startFleet() {
      const input: FleetInput = {
        run,
        config,
        planDigest: 'sha256:plan',
        plans: config.clusters.map(({ name }) => ({
          name,
          planDigest: `sha256:plan-${name}`,
          baseCommit: 'c0ffee',
        })),
        startedBy: 'test',
      };
      return client.workflow.start<typeof fleetHandover>('fleetHandover', {
        workflowId: fleetWorkflowId(config.fleet),
        taskQueue: fleetTaskQueue(config.fleet),
        args: [input],
      });
    },
    async startCluster(cluster = 'edge') {
      return client.workflow.start<typeof clusterHandover>('clusterHandover', {
        workflowId: clusterWorkflowId(config.fleet, cluster),
        taskQueue: fleetTaskQueue(config.fleet),
        args: [{ run, config, cluster, planDigest: `sha256:plan-${cluster}`, baseCommit: 'c0ffee' }],
      });
    },
  };
}

/** Someone at a terminal: looks, waits, decides. */
class Person {
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
    return this.client.withDeadline(Date.now() + 5_000, () =>
      this.client.workflow.getHandle(this.workflowId).query<ClusterStatus>('status'),
    );
  }

  /** Polls until the status is as asked for; says what it was when it never is. */
  async sees(
    what: string,
    seen: (status: ClusterStatus) => boolean,
    patience = 20_000,
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
    throw new Error(
      `never saw ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
    );
  }

  /**
   * Sees the soak with its watch between two looks. The time-skipping server stands still while an activity runs, and
   * for ever when a workflow is terminated in that moment.
   */
  async seesSoak(phase: 'soak' | 'settle'): Promise<ClusterStatus> {
    const status = await this.sees(
      `the ${phase}`,
      ({ state, phase: current }) =>
        state === 'soaking' && current === phase && this.cluster.calls().at(-1) === `watchHealth ${phase}`,
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

  async resolves(action: HoldResolution['action']): Promise<void> {
    await this.client.workflow
      .getHandle(this.workflowId)
      .signal('resolve', { requestId: randomUUID(), action, approver: 'anna' });
  }

  async skipsSoak(): Promise<void> {
    await this.client.workflow
      .getHandle(this.workflowId)
      .signal('skipSoak', { requestId: randomUUID(), approver: 'anna' });
  }
}
