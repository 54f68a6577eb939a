/** `make test-damage`: does to a throwaway cluster what plan refuses, and shows what is lost; lowers the lab at the end, also after a failure. */
import path from 'node:path';
import { execa } from 'execa';
import { lowerLab } from '../../lab/index.ts';
import { ensureToolchain } from '../../lab/toolchain/index.ts';

const checkout = path.join(import.meta.dirname, '../..');
/** Arguments for vitest, e.g. `-t reverted` for one story. */
const chosen = process.argv.slice(2);
const begin = performance.now();
const say = (line: string) => process.stdout.write(`\n== ${line}\n`);

say('programs and images (minutes when they are built for the first time, nothing when cached)');
const toolchain = await ensureToolchain((line: string) => process.stdout.write(`   ${line}\n`));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
let passed = false;
try {
  say('the six worst refusals, each done all the same on a cluster of its own');
  const { exitCode } = await execa(
    'vitest',
    ['run', '--project', 'damage', '--reporter', 'verbose', ...chosen],
    {
      cwd: checkout,
      env: { PATH: [toolchain.bin, process.env['PATH']].join(path.delimiter) },
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
      preferLocal: true,
      cancelSignal: interrupted.signal,
      // They may be in the middle of raising the lab.
      forceKillAfterDelay: 60_000,
    },
  );
  passed = exitCode === 0;
} finally {
  say('lowering the lab');
  await lowerLab();
}
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
say(
  passed
    ? `${chosen.length === 0 ? 'every refusal is proved right' : 'passed'} in ${seconds} s; what was lost: .lab/logs/damage.txt`
    : `failed after ${seconds} s`,
);
process.exitCode = passed ? 0 : 1;
