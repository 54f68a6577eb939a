/** Runs the steps of a test command, each announced and timed; the lab is lowered at the end, also after a failure. */
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
  /** One after the other; what they print is shown at once. */
  steps: Step[];
  /** Lanes beside those, each one after the other, at a low priority, where the steps mostly wait; shown when each has ended. */
  beside?: Step[][];
  /** Said at the end, when everything passed. */
  passed: string;
}

/** Sets the exit code: 0 when every step ended with 0. After one that did not no other begins; SIGINT and SIGTERM end what runs. */
export async function runSuite({ steps, beside = [], passed }: Suite): Promise<void> {
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

  async function runStep({ name, command }: Step, shown: boolean): Promise<void> {
    if (shown) say(name);
    const since = performance.now();
    const [file = '', ...words] = shown ? command : ['nice', '-n', '19', ...command];
    const { exitCode, all } = await execa(file, words, {
      cwd: checkout,
      env: environment,
      stdin: 'ignore',
      stdout: shown ? 'inherit' : 'pipe',
      stderr: shown ? 'inherit' : 'pipe',
      all: !shown,
      reject: false,
      preferLocal: true,
      cancelSignal: interrupted.signal,
      // Some raise and lower the lab themselves: they get the time to do so.
      forceKillAfterDelay: 60_000,
    });
    if (all) process.stdout.write(`\n${all}\n`);
    if (exitCode === 0) return say(`${name}: ${elapsed(since)}`);
    failed ||= name;
  }

  async function runInOrder(some: Step[], shown: boolean): Promise<void> {
    for (const step of some) if (!interrupted.signal.aborted && failed === '') await runStep(step, shown);
  }

  try {
    await Promise.all([runInOrder(steps, true), ...beside.map((lane) => runInOrder(lane, false))]);
  } finally {
    say('lowering the lab');
    await lowerLab();
  }
  const ended = failed || (interrupted.signal.aborted ? 'interrupted' : '');
  say(ended === '' ? `${passed}, in ${elapsed(begin)}` : `failed: ${ended} (after ${elapsed(begin)})`);
  process.exitCode = ended === '' ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`\n== ${line}\n`);
}

function elapsed(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}
