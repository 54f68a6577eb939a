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
  /** The fake behind any cluster of the configuration. */
  fake: (cluster: string) => FakeCluster;
  person: (cluster: string) => Person;
  startWorker: (clusters?: string[]) => Promise<RunningWorker>;
  startFleet: (
    more?: Partial<FleetInput>,
  ) => Promise<WorkflowHandleWithFirstExecutionRunId<typeof fleetHandover>>;
  startCluster: (cluster?: string) => Promise<WorkflowHandleWithFirstExecutionRunId<typeof clusterHandover>>;
}

interface RunningWorker {
  worker: HandoverWorker;
  stop: () => Promise<void>;
}

/** Fields of handover.yaml that a test sets; each world has a fleet of its own, so tests do not meet. */
export function world(
  env: TestWorkflowEnvironment,
  settings: Record<string, unknown> = {},
  names: string[] = ['edge', 'main'],
): World {
  const clusters = names.map((name) => ({
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
  const fakes = new Map(names.map((name) => [name, new FakeCluster(name, journal)]));
  const fake = (name: string): FakeCluster => {
    const found = fakes.get(name);
    if (!found) throw new RangeError(`this world has no cluster ${name}`);
    return found;
  };
  const run = `${config.fleet}-run`;
  const client = new Client({ connection: env.connection, namespace: env.namespace ?? 'default' });
  return {
    client,
    config,
    journal,
    get edge() {
      return fake('edge');
    },
    get main() {
      return fake('main');
    },
    fake,
    person: (cluster) => new Person(client, clusterWorkflowId(config.fleet, cluster), fake(cluster)),
    async startWorker(served) {
      const worker = await createWorker({
        connection: env.nativeConnection,
        namespace: env.namespace,
        config,
        clusters: served,
        bundle: await workflowBundle(),
        activitiesOf: (name) => fake(name).activities(),
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
    async startFleet(more) {
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
        ...more,
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
