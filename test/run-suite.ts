/** Runs the steps of a test command one after the other, each announced and timed; the lab is lowered at the end, also after a failure. */
import path from 'node:path';
import { execa } from 'execa';
import { lowerLab } from '../lab/index.ts';
import { ensureToolchain } from '../lab/toolchain/index.ts';

const checkout = path.dirname(import.meta.dirname);

export interface Step {
  name: string;
  command: string[];
}

export interface Suite {
  steps: Step[];
  /** Said at the end, when everything passed. */
  passed: string;
}

/** Sets the exit code: 0 when every step ended with 0. Stops at the first that did not, and at SIGINT and SIGTERM. */
export async function runSuite({ steps, passed }: Suite): Promise<void> {
  const begin = performance.now();
  say('programs and images (minutes when they are built for the first time, nothing when cached)');
  const toolchain = await ensureToolchain((line: string) => process.stdout.write(`   ${line}\n`));
  const environment = {
    PATH: [toolchain.bin, process.env['PATH']].join(path.delimiter),
    TEMPORAL_TEST_SERVER: toolchain.java.testServer,
  };

  let failed = '';
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  try {
    for (const { name, command } of steps) {
      say(name);
      const since = performance.now();
      const [file = '', ...words] = command;
      const { exitCode } = await execa(file, words, {
        cwd: checkout,
        env: environment,
        stdio: ['ignore', 'inherit', 'inherit'],
        reject: false,
        preferLocal: true,
        cancelSignal: interrupted.signal,
        // Some raise and lower the lab themselves: they get the time to do so.
        forceKillAfterDelay: 60_000,
      });
      if (exitCode !== 0) {
        failed = name;
        break;
      }
      say(`${name}: ${elapsed(since)}`);
    }
  } finally {
    say('lowering the lab');
    await lowerLab();
  }
  say(failed === '' ? `${passed}, in ${elapsed(begin)}` : `failed: ${failed} (after ${elapsed(begin)})`);
  process.exitCode = failed === '' ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`\n== ${line}\n`);
}

function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}
