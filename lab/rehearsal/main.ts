/** `make rehearse`: raises the lab and hands its two clusters over for real, asking a person at each gate. */
import { writeHandoverConfig } from './handover-config.ts';
import { legacyLab } from './legacy-lab.ts';
import { Product } from './product.ts';

/** The part of `flux-handover status --json` that a rehearsal follows. */
interface Status {
  clusters: { cluster: string; state: string; phase: string | null; gate: { gate: string } | null }[];
}

const someoneThere = process.stdin.isTTY && process.stdout.isTTY && process.env['APPROVE'] !== 'yes';

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

/** Follows the run to its end, answering or asking at each gate. @returns whether every cluster was handed over */
async function follow(product: Product, clusters: number): Promise<boolean> {
  let shown = '';
  for (;;) {
    const { json } = await product.run('status', '--json');
    const status = (json as Status | undefined)?.clusters ?? [];
    const line = status
      .map(({ cluster, state, phase }) => `${cluster}: ${phase ?? '-'} (${state})`)
      .join(' · ');
    if (line !== shown && line !== '') say(line);
    shown = line;
    const waiting = status.find(({ state }) => state === 'waiting-for-gate');
    if (waiting?.gate) {
      const unattended = someoneThere
        ? []
        : ['--yes', '--reason', 'rehearsal without a person at the terminal'];
      const exitCode = await product.attend('approve', waiting.cluster, waiting.gate.gate, ...unattended);
      if (exitCode === 130) return false;
    } else if (status.length === clusters && status.every(({ state }) => state === 'done')) return true;
    else if (status.some(({ state }) => ['held', 'stopped', 'rolled-back'].includes(state))) {
      await product.attend('status');
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const lab = await legacyLab();
const configFile = await writeHandoverConfig(lab);
say(`The handover is described in ${configFile}`);
const product = new Product(lab, configFile);
const worker = await product.worker('worker');
say(`A worker runs (pid ${worker.pid}); its log: ${worker.logFile}`);
let done = false;
try {
  await product.attend('plan');
  if ((await product.attend('start', '--yes', '--detach')) === 0)
    done = await follow(product, lab.clusters.length);
  await product.attend('report');
} finally {
  await worker.end();
}
say(`Temporal UI: ${lab.temporal.uiUrl}`);
say(
  done
    ? 'Both clusters are handed over. `make lab-down` removes the lab.'
    : 'The handover did not finish; the lab is left as it is.',
);
process.exitCode = done ? 0 : 1;
