/** Measures `flux-handover --help` against `node -e 0`: what every command pays before it begins. */
import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory } from '../lab/description.ts';
import { median, ratioLine } from './ratio.ts';

const rounds = Number(process.env['ROUNDS'] ?? 15);
const goal = 1.5;

async function wallTime(...command: string[]): Promise<number> {
  const begin = performance.now();
  await execa(process.execPath, command, { stdio: 'ignore' });
  return performance.now() - begin;
}

const main = path.join(checkoutDirectory, 'dist/cli/main.js');
await wallTime(main, '--help');
const ratios: number[] = [];
for (let round = 0; round < rounds; round += 1)
  ratios.push((await wallTime(main, '--help')) / (await wallTime('-e', '0')));
console.log(ratioLine('flux-handover --help / node -e 0', median(ratios), goal));
process.exitCode = median(ratios) <= goal ? 0 : 1;
