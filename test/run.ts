/** `make test`: every check and every test, each announced and timed; the lab is lowered at the end, also after a failure. */
import path from 'node:path';
import { execa } from 'execa';
import { lowerLab } from '../lab/index.ts';
import { ensureToolchain } from '../lab/toolchain/index.ts';

const checkout = path.dirname(import.meta.dirname);

interface Step {
  name: string;
  command: string[];
}

const steps: Step[] = [
  { name: 'format, lint, types, unused code', command: ['npm', 'run', '--silent', 'qa'] },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'] },
  { name: 'plans of the repositories in test/repos', command: ['vitest', 'run', '--project', 'repos'] },
  {
    name: 'what these plans add, asked of an API server',
    command: ['vitest', 'run', '--project', 'definitions'],
  },
  { name: 'plans of broken repositories', command: ['vitest', 'run', '--project', 'fuzz'] },
  { name: 'workflow tests: time skipping and replay', command: ['vitest', 'run', '--project', 'workflow'] },
  { name: 'start-up time', command: ['node', 'bench/start-up.ts'] },
  {
    name: 'two real clusters, handed over in the lab',
    command: ['vitest', 'run', '--project', 'lab', '--reporter', 'verbose'],
  },
];

const begin = performance.now();
const elapsed = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const say = (line: string) => process.stdout.write(`\n== ${line}\n`);

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
say(failed === '' ? `everything passed in ${elapsed(begin)}` : `failed: ${failed} (after ${elapsed(begin)})`);
process.exitCode = failed === '' ? 0 : 1;
