/** The workers of one process: one for the fleet's workflows and one per cluster whose kubeconfig this machine holds. */
import { hostname } from 'node:os';
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { ClusterActivities } from '../activities/contract.ts';
import type { HandoverConfig } from '../config/schema.ts';
import { clusterTaskQueue, fleetTaskQueue } from '../workflows/contract.ts';
import { workflowBundle } from './bundle.ts';

export interface WorkerOptions {
  connection: NativeConnection;
  /** Temporal namespace; default: `default`. */
  namespace?: string | undefined;
  config: HandoverConfig;
  /** Serve only these clusters; default: all of the configuration. An empty list serves workflows only. */
  clusters?: readonly string[] | undefined;
  /** The activities of one cluster. */
  activitiesOf: (cluster: string) => ClusterActivities | Promise<ClusterActivities>;
  /** Default: the prebuilt bundle, or one made from the sources. */
  bundle?: WorkflowBundleOption | undefined;
}

export interface HandoverWorker {
  /** Queues that are listened on. */
  queues: string[];
  /** Ends when {@link HandoverWorker.shutdown} was called and what ran has ended, or throws the first worker's error once all have stopped. */
  run(): Promise<void>;
  /** Takes no new task; running activities get `graceTime` to end, are then told to stop, and are tried again by the next worker. */
  shutdown(): void;
}

const graceTime = '15s';

/** @throws RangeError when `clusters` names one that the configuration lacks */
export async function createWorker(options: WorkerOptions): Promise<HandoverWorker> {
  const { connection, config } = options;
  const known = config.clusters.map(({ name }) => name);
  const clusters = options.clusters ?? known;
  const unknown = clusters.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`handover.yaml has no cluster ${unknown}: it has ${known.join(', ')}`);

  const shared = {
    connection,
    namespace: options.namespace ?? 'default',
    shutdownGraceTime: graceTime,
    shutdownForceTime: '60s',
  } as const;
  const identity = (role: string): string => `flux-handover ${role} (${process.pid}@${hostname()})`;
  const workers: Worker[] = [
    await Worker.create({
      ...shared,
      taskQueue: fleetTaskQueue(config.fleet),
      identity: identity('workflows'),
      workflowBundle: options.bundle ?? (await workflowBundle()),
    }),
  ];
  for (const cluster of clusters)
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: clusterTaskQueue(config.fleet, cluster),
        identity: identity(cluster),
        activities: await options.activitiesOf(cluster),
        // One step at a time drives a cluster; a watch and a look may run beside it.
        maxConcurrentActivityTaskExecutions: 4,
        // A cancellation arrives as the answer to a heartbeat. By default beats are held back for 24 of 30 s, and so a person's word, too.
        maxHeartbeatThrottleInterval: '500ms',
      }),
    );

  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    queues: workers.map(({ options: { taskQueue } }) => taskQueue),
    shutdown,
    async run() {
      const runs = await Promise.allSettled(
        workers.map(async (worker) => {
          try {
            await worker.run();
          } finally {
            // One that fails must not leave the others half alive.
            shutdown();
          }
        }),
      );
      for (const run of runs) if (run.status === 'rejected') throw run.reason;
    },
  };
}
