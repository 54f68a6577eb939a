/** Measures the workflow against a plain shell script that makes the same commits: wall time, gap of the controllers, events. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { clusterOf, type Lab } from '../lab/description.ts';
import { restoreCheckpoint } from '../lab/index.ts';
import { writeHandoverConfig } from '../lab/rehearsal/handover-config.ts';
import { legacyLab } from '../lab/rehearsal/legacy-lab.ts';
import { Product } from '../lab/rehearsal/product.ts';
import type { Plan } from '../src/plan/types.ts';
import { clusterWorkflowId } from '../src/workflows/contract.ts';
import { atRest, cluster, makeClone, placeOf, runPlain, writeSteps } from './plain-script.ts';
import { median, ratioLine } from './ratio.ts';
import { ReadinessGap } from './readiness-gap.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);

interface Measurement {
  /** Wall time in ms. */
  wall: number;
  /** Longest time in ms without a ready source-controller or kustomize-controller. */
  gap: number;
}

/** Puts the cluster back and waits until it is at rest, so that leader elections do not count. */
async function prepare(lab: Lab): Promise<void> {
  await restoreCheckpoint('legacy');
  await atRest(lab);
}

async function measured(lab: Lab, run: () => Promise<void>): Promise<Measurement> {
  const gap = new ReadinessGap(clusterOf(lab, cluster), ['source-controller', 'kustomize-controller']);
  await gap.start();
  const begin = performance.now();
  await run();
  const wall = performance.now() - begin;
  return { wall, gap: await gap.stop() };
}

async function runScript(lab: Lab, round: number, steps: string): Promise<void> {
  await runPlain(lab, './plain-handover.sh', {
    CLONE: await makeClone(lab, `clone-${round}`),
    STEPS: steps,
    OUT: placeOf(lab, `script-${round}`),
    OPERATOR_VERSION: '0.58.1',
  });
}

async function runWorkflow(lab: Lab, product: Product): Promise<void> {
  const started = await product.run('start', '--yes', '--detach');
  if (started.exitCode !== 0) throw new Error(started.stderr + started.stdout);
  // The server answers when the workflow closes, so that polling does not blur the time.
  await execa(path.join(lab.bin, 'temporal'), [
    'workflow',
    'result',
    '--address',
    lab.temporal.address,
    '--workflow-id',
    'handover/bench',
  ]);
}

const lab = await legacyLab();
const configFile = await writeHandoverConfig(lab, {
  fleet: 'bench',
  directory: placeOf(lab, 'handover'),
  clusters: [clusterOf(lab, cluster)],
  gates: { start: 'auto', cutover: 'auto', retire: 'auto' },
  afterAdopt: '0s',
  afterRetire: '0s',
});
const product = new Product(lab, configFile);
const plan = (await product.run('plan', '--json')).json as Plan;
const changes = plan.clusters[0]?.changes ?? [];
const steps = await writeSteps(
  lab,
  'steps',
  changes.map(({ phase, files }) => ({
    name: phase,
    files: new Map(files.map(({ path: file, after }) => [file, after])),
  })),
);
const worker = await product.worker('worker');
const script: Measurement[] = [];
const workflow: Measurement[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    // Alternating, and in alternating order, so that a drift of the machine hits both.
    const order = round % 2 === 0 ? ['workflow', 'script'] : ['script', 'workflow'];
    for (const which of order) {
      await prepare(lab);
      const result = await measured(lab, () =>
        which === 'script' ? runScript(lab, round, steps) : runWorkflow(lab, product),
      );
      (which === 'script' ? script : workflow).push(result);
      console.log(
        `round ${round} ${which}: ${(result.wall / 1000).toFixed(1)} s, longest gap ${(result.gap / 1000).toFixed(2)} s`,
      );
    }
  }
  const { stdout } = await execa(path.join(lab.bin, 'temporal'), [
    'workflow',
    'describe',
    '--address',
    lab.temporal.address,
    '--workflow-id',
    clusterWorkflowId('bench', cluster),
    '--output',
    'json',
  ]);
  const events = Number(
    (JSON.parse(stdout) as { workflowExecutionInfo: { historyLength: string } }).workflowExecutionInfo
      .historyLength,
  );
  const wall = median(workflow.map(({ wall: value }, index) => value / (script[index]?.wall ?? Number.NaN)));
  const gap = median(workflow.map(({ gap: value }, index) => value / (script[index]?.gap ?? Number.NaN)));
  console.log(ratioLine('wall time, workflow / script', wall, 1.15));
  console.log(ratioLine('longest time without source- or kustomize-controller, workflow / script', gap, 1.3));
  console.log(ratioLine("events in one cluster's history", events, 250));
  process.exitCode = wall <= 1.15 && gap <= 1.3 && events <= 250 ? 0 : 1;
} finally {
  await worker.end();
  await cp(worker.logFile, placeOf(lab, 'worker.log'));
}
