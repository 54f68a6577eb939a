/** `worker`: the fleet's workflows and the activities of the clusters that this machine may touch. */
import type { Run } from '../command.ts';
import { readConfig } from '../config-file.ts';
import { exitCode } from '../outcome.ts';
import { serve, untilStopped } from '../serve.ts';

export const run: Run<{ clusters?: string }> = async ({ terminal, options, signal }) => {
  const file = await readConfig(options.config);
  await serve({ terminal, file, clusters: options.clusters, signal: untilStopped(signal) });
  return signal.aborted ? exitCode.interrupted : exitCode.done;
};
