/** Runs the worker in this process until it is told to stop. */
import { NativeConnection, type Logger } from '@temporalio/worker';
import { createClusterActivities } from '../activities/index.ts';
import { createWorker } from '../worker/index.ts';
import { installRuntimeLogger, makeLogger } from '../worker/logger.ts';
import { workflowBundle } from '../worker/bundle.ts';
import { clusterList, type ConfigFile } from './config-file.ts';
import { humanLog } from './log-lines.ts';
import { fail } from './outcome.ts';
import { symbols } from './render/words.ts';
import { temporalSettings } from '../client/connection.ts';
import type { Terminal } from './terminal.ts';

export interface Serving {
  terminal: Terminal;
  file: ConfigFile;
  /** Names from the command line, separated by commas. */
  clusters: string | undefined;
  /** Ends the worker, after what runs has reached a safe place. */
  signal: AbortSignal;
}

const silent: Logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

async function connect(): Promise<NativeConnection> {
  const { connectionOptions, address } = temporalSettings();
  return NativeConnection.connect(connectionOptions).catch((error: Error) =>
    fail(
      {
        what: `no answer from Temporal at ${address}`,
        why: error.message.split('\n')[0] ?? '',
        mend: 'start it (flux-handover dev has one built in), or set TEMPORAL_ADDRESS or a profile in temporal.toml',
      },
      error,
    ),
  );
}

export async function serve({ terminal, file, clusters, signal }: Serving): Promise<void> {
  const logger = makeLogger(
    process.stderr.isTTY && !terminal.json ? { destination: humanLog(terminal.paint) } : {},
  );
  installRuntimeLogger(logger);
  const { address, namespace } = temporalSettings();
  const connection = await connect();
  try {
    const served = clusterList(file.config, clusters);
    const worker = await createWorker({
      connection,
      namespace,
      config: file.config,
      clusters: served,
      // What webpack has to say about a bundle made from the sources is nobody's concern here.
      bundle: await workflowBundle(silent),
      activitiesOf: () => createClusterActivities({ directory: file.directory, temporalAddress: address }),
    });
    signal.addEventListener('abort', () => worker.shutdown(), { once: true });
    if (terminal.json)
      terminal.printJson({ serving: true, address, namespace, queues: worker.queues }, 'line');
    else
      terminal.print(
        `${symbols(terminal.paint).done} worker listens at ${address} on ${worker.queues.join(', ')}. Ctrl-C stops it.`,
      );
    if (!signal.aborted) await worker.run();
  } finally {
    await connection.close();
  }
}

/** SIGTERM stops a worker as Ctrl-C does, but is no interruption: it is how a service manager says that the day is over. */
export function untilStopped(signal: AbortSignal): AbortSignal {
  const terminated = new AbortController();
  process.once('SIGTERM', () => terminated.abort());
  return AbortSignal.any([signal, terminated.signal]);
}
