/** `make test-shapes`: hands each legacy shape of the table over in the lab, forward, back and from nothing; lowers the lab at the end. */
import path from 'node:path';
import { execa } from 'execa';
import { lowerLab } from '../../lab/index.ts';
import { ensureToolchain } from '../../lab/toolchain/index.ts';
import { chosenShapes } from './shapes.ts';

const checkout = path.join(import.meta.dirname, '../..');
const begin = performance.now();
const say = (line: string) => process.stdout.write(`\n== ${line}\n`);

const names = chosenShapes().map(({ name }) => name);
say('programs and images (minutes when they are built for the first time, nothing when cached)');
const toolchain = await ensureToolchain((line: string) => process.stdout.write(`   ${line}\n`));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
let passed = false;
try {
  say(`one cluster after the other, about ten minutes each: ${names.join(', ')} (SHAPES=name,name for some)`);
  const { exitCode } = await execa('vitest', ['run', '--project', 'shapes', '--reporter', 'verbose'], {
    cwd: checkout,
    env: { PATH: [toolchain.bin, process.env['PATH']].join(path.delimiter) },
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
    preferLocal: true,
    cancelSignal: interrupted.signal,
    // Its tests lower the lab themselves; they get the time to do so.
    forceKillAfterDelay: 60_000,
  });
  passed = exitCode === 0;
} finally {
  say('lowering the lab');
  await lowerLab();
}
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
say(
  passed
    ? `each shape went over, back and came up from nothing, in ${seconds} s: ${names.join(', ')}`
    : `failed after ${seconds} s`,
);
process.exitCode = passed ? 0 : 1;
