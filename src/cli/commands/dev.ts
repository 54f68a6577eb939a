/** `dev`: the Temporal dev server and the worker, started and stopped together. */
import type { Run } from '../command.ts';
import { readConfig } from '../config-file.ts';
import { startDevServer } from '../dev-server.ts';
import { exitCode, fail, refuse } from '../outcome.ts';
import { symbols } from '../render/words.ts';
import { serve, untilStopped } from '../serve.ts';

interface DevOptions {
  clusters?: string;
  port: string;
  uiPort: string;
  temporal: string;
}

const database = '.handover/temporal.db';

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  return refuse({ what: `${text} is no port`, mend: 'choose one from 1 to 65535' });
}

export const run: Run<DevOptions> = async ({ terminal, options, signal }) => {
  const file = await readConfig(options.config);
  const stopped = untilStopped(signal);
  const server = await startDevServer({
    program: options.temporal,
    port: portOf(options.port),
    uiPort: portOf(options.uiPort),
    database,
    signal: stopped,
  });
  // Everything in this process, the worker first, speaks to this server.
  Object.assign(process.env, { TEMPORAL_ADDRESS: server.address, FLUX_HANDOVER_UI: server.uiUrl });
  const { done } = symbols(terminal.paint);
  if (terminal.json) terminal.printJson({ address: server.address, uiUrl: server.uiUrl, database }, 'line');
  else {
    terminal.print(
      `${done} Temporal  ${server.address}  ${terminal.paint.dim(`state in ${database}`)}\n${done} UI        ${server.uiUrl}`,
    );
    if (options.port !== '7233')
      terminal.print(
        `  In other terminals: export TEMPORAL_ADDRESS=${server.address} FLUX_HANDOVER_UI=${server.uiUrl}`,
      );
  }
  const lost = new AbortController();
  void server.ended.then(() => lost.abort());
  try {
    await serve({
      terminal,
      file,
      clusters: options.clusters,
      signal: AbortSignal.any([stopped, lost.signal]),
    });
  } finally {
    await server.stop();
  }
  if (lost.signal.aborted && !stopped.aborted)
    fail({
      what: 'the Temporal dev server ended',
      mend: 'start flux-handover dev again; the run goes on from its database',
    });
  return signal.aborted ? exitCode.interrupted : exitCode.done;
};
