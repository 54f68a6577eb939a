/** The Temporal dev server as a child of this process: state in a file, search attributes registered, UI on. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { execa } from 'execa';
import { searchAttributeNames } from '../workflows/contract.ts';
import { fail } from './outcome.ts';

export interface DevServer {
  address: string;
  uiUrl: string;
  /** Resolves when it has ended, by itself or by `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface DevServerOptions {
  program: string;
  port: number;
  uiPort: number;
  database: string;
  signal: AbortSignal;
}

/** Milliseconds until the server must answer. */
const patience = 30_000;

export async function startDevServer({
  program,
  port,
  uiPort,
  database,
  signal,
}: DevServerOptions): Promise<DevServer> {
  await mkdir(dirname(database), { recursive: true });
  const attributes = Object.values(searchAttributeNames).flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  const words = [
    'server',
    'start-dev',
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
    '--db-filename',
    database,
    '--log-level',
    'error',
    ...attributes,
  ];
  // A group of its own: Ctrl-C at the terminal must not take the server away before the worker has ended.
  const child = execa(program, words, {
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    detached: true,
    cleanup: true,
  });
  const ended = child.then(() => undefined);
  const address = `127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const tellDeath = async (): Promise<never> => {
    const { code, stderr } = await child;
    if (code === 'ENOENT')
      return fail({
        what: `the program ${program} is not there`,
        why: 'it is the Temporal dev server',
        mend: 'install the Temporal CLI (https://docs.temporal.io/cli), or name it with --temporal',
      });
    return fail({
      what: 'the Temporal dev server ended at once',
      why: stderr.trim().split('\n').slice(-3).join(' '),
      mend: `is something else on port ${port} or ${uiPort}? Choose others with --port and --ui-port`,
    });
  };
  try {
    await Promise.race([answers(address, signal), tellDeath()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, ended, stop };
}

/** Waits until the server answers. */
async function answers(address: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
