/** A fleet of fake clusters on a real Temporal server: starts workers and workflows. */
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
  type FleetInput,
} from '../../src/workflows/contract.ts';
import type { clusterHandover, fleetHandover } from '../../src/workflows/index.ts';
import { FakeCluster, type Call } from './fake-cluster.ts';
import { Person } from './person.ts';

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
