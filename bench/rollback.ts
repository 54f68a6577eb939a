/**
 * Measures the way back, from the word until the legacy install is verified, and the watch, from the harm until it is stopped, against
 * plain shell scripts that do the same.
 */
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { clusterOf } from '../lab/description.ts';
import { lowerLab, raiseLab, restoreCheckpoint, saveCheckpoint } from '../lab/index.ts';
import { writeHandoverConfig } from '../lab/rehearsal/handover-config.ts';
import { Product } from '../lab/rehearsal/product.ts';
import { clusterWorkflowId, type ClusterStatus, fleetWorkflowId } from '../src/workflows/contract.ts';
import { chosen } from '../test/chosen.ts';
import { eventually } from '../test/lab/kubectl.ts';
import { gitServer, headOf } from '../test/lab/person.ts';
import {
  atRest,
  cluster,
  makeClone,
  placeOf,
  type PreparedStep,
  runPlain,
  writeSteps,
} from './plain-script.ts';
import { median, ratioLine } from './ratio.ts';
import { secondsToReaction } from './reaction.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const fleet = 'bench';
/** Seconds that a way back may take, by the phase in which the word comes. */
const goals = { orphan: 30, operator: 30, stage: 30, soak: 30, settle: 45 };
/** Seconds that what does harm may go on. */
const reactionGoal = 5;
const phases = chosen('PHASES', Object.keys(goals) as (keyof typeof goals)[]);

await lowerLab();
const lab = await raiseLab({ clusters: [cluster] });
const configFile = (phase: string): Promise<string> =>
  writeHandoverConfig(lab, {
    fleet,
    directory: placeOf(lab, 'rollback'),
    clusters: [clusterOf(lab, cluster)],
    gates: { start: 'auto', cutover: 'auto', retire: 'auto' },
    // The word must find it soaking, and it must not go on by itself.
    afterAdopt: phase === 'soak' ? '1h' : '0s',
    afterRetire: '1h',
  });
const product = new Product(lab, await configFile('soak'));

async function must(...words: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await product.run(...words);
  if (exitCode !== 0)
    throw new Error(`flux-handover ${words.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
}

/** The server answers when the workflow closes, so that polling does not blur the time. */
async function closed(workflowId: string): Promise<void> {
  const where = ['--address', lab.temporal.address, '--namespace', lab.temporal.namespace];
  const command = ['workflow', 'result', ...where, '--workflow-id', workflowId];
  // One that is held would never end.
  await execa(path.join(lab.bin, 'temporal'), command, { timeout: 300_000 });
}

async function status(): Promise<ClusterStatus | undefined> {
  const { json } = await product.run('status', '--json');
  return (json as { clusters: ClusterStatus[] } | undefined)?.clusters[0];
}

/** Hands the cluster over until it soaks; not measured. */
async function forward(phase: string): Promise<void> {
  await configFile(phase);
  await must('start', '--yes', '--detach');
  if (phase === 'soak' || phase === 'settle') {
    await comesTo('soaking', (now) => now.phase === phase);
    return;
  }
  // Nothing waits in these: a person pauses as soon as the commit is there.
  await eventually(`the commit of ${phase}`, 300, async () =>
    (await lastStep()) === phase ? true : undefined,
  );
  await must('pause', cluster, '--yes');
  await comesTo('held', ({ hold }) => hold?.findings.some(({ id }) => id === 'paused') ?? false);
  if ((await lastStep()) !== phase) throw new Error(`it went on from ${phase} before it could be paused`);
  await atRest(lab);
}

/** @throws Error with what was found when it is held otherwise */
async function comesTo(
  state: ClusterStatus['state'],
  is: (status: ClusterStatus) => boolean = () => true,
): Promise<void> {
  const end = await eventually(`${state}, or a hold`, 300, async () => {
    const now = await status();
    return now && (now.state === 'held' || (now.state === state && is(now))) ? now : undefined;
  });
  if (end.state !== state || !is(end))
    throw new Error(`${end.state} in ${end.phase}: ${JSON.stringify(end.hold?.findings, undefined, 2)}`);
}

function lastStep(): Promise<string> {
  return gitServer(lab, 'log', '-1', '--format=%(trailers:key=Handover-Step,valueonly,separator=)', cluster);
}

/** The peer: the same harm to a cluster in the same state, without a run, where somebody's shell script waits for it. */
async function reactionsOfScript(): Promise<number[]> {
  await restoreCheckpoint('bench-soak');
  await atRest(lab);
  const waiting = runPlain(lab, './plain-watch.sh', { ROUNDS: `${rounds}` });
  const took: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // It has put things right, and waits for the next.
    await delay(2000);
    took.push(await secondsToReaction(lab));
  }
  await waiting;
  return took;
}

/** While it soaks: the legacy owner is resumed, the watch stops it, and a person lets it go on. @returns seconds of each round */
async function reactionsOfProduct(): Promise<number[]> {
  const took: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    took.push(await secondsToReaction(lab));
    await comesTo('held');
    await must('retry', cluster, '--yes');
    // Not the hold that it leaves.
    await eventually('the soak again', 120, async () =>
      (await status())?.state === 'soaking' ? true : undefined,
    );
  }
  return took;
}

/** @returns milliseconds from the word until the product has verified the legacy install and let go of it */
async function backByProduct(): Promise<number> {
  const begin = performance.now();
  await must('rollback', cluster, '--yes');
  await closed(clusterWorkflowId(fleet, cluster));
  const took = performance.now() - begin;
  const end = await status();
  if (end?.state !== 'rolled-back')
    throw new Error(`not rolled back: ${JSON.stringify(end?.hold?.findings)}`);
  await closed(fleetWorkflowId(fleet));
  return took;
}

/** What the product has committed on its way back, for the script to commit the same. */
async function committedSteps(since: string): Promise<PreparedStep[]> {
  const format = '--format=%H %(trailers:key=Handover-Step,valueonly,separator=)';
  const log = await gitServer(lab, 'log', '--reverse', format, `${since}..${cluster}`);
  const commits = log.split('\n').map((line) => line.split(' '));
  return Promise.all(
    commits.map(async ([commit = '', name = '']) => {
      const change = ['diff-tree', '-r', '--no-commit-id', '--no-renames', '--name-status', commit];
      const lines = (await gitServer(lab, ...change)).split('\n').map((line) => line.split('\t'));
      const files = lines.map(async ([kind, file = '']): Promise<[string, string | null]> => [
        file,
        kind === 'D' ? null : await contentAt(commit, file),
      ]);
      return { name, files: new Map(await Promise.all(files)) };
    }),
  );
}

async function contentAt(commit: string, file: string): Promise<string> {
  const show = ['-C', lab.git.repository, 'show', `${commit}:${file}`];
  return (await execa('git', show, { stripFinalNewline: false })).stdout;
}

async function backByScript(phase: string, round: number, steps: string): Promise<number> {
  await restoreCheckpoint(`bench-${phase}`);
  await atRest(lab);
  const clone = await makeClone(lab, `clone-back-${phase}-${round}`);
  const environment = {
    CLONE: clone,
    STEPS: steps,
    OUT: placeOf(lab, `script-back-${phase}-${round}`),
    BEFORE: before,
  };
  const begin = performance.now();
  await runPlain(lab, './plain-rollback.sh', environment);
  return performance.now() - begin;
}

await atRest(lab);
await saveCheckpoint('bench-legacy');
await atRest(lab);
const before = placeOf(lab, 'uids.before');
const worker = await product.worker('worker');
const lines: string[] = [];
let missed = false;
try {
  await writeFile(before, await runPlain(lab, '. ./plain-steps.sh; uids', {}));
  for (const phase of phases) {
    // Once without the clock: what the script starts from, and what it is to commit.
    await forward(phase);
    await saveCheckpoint(`bench-${phase}`);
    await atRest(lab);
    const reactions = phase === 'soak' ? await reactionsOfProduct() : null;
    const head = await headOf(lab, cluster);
    await backByProduct();
    const steps = await writeSteps(lab, `steps-back-${phase}`, await committedSteps(head));

    const took = { product: [] as number[], script: [] as number[] };
    let legacy = true;
    for (let round = 1; round <= rounds; round += 1) {
      // Alternating, and in alternating order, so that a drift of the machine hits both.
      const order = round % 2 === 0 ? (['script', 'product'] as const) : (['product', 'script'] as const);
      for (const which of order) {
        if (which === 'product') {
          // What the script leaves is legacy, too, but says nothing in Git of what it undid.
          if (!legacy) {
            await restoreCheckpoint('bench-legacy');
            await atRest(lab);
          }
          await forward(phase);
        }
        const milliseconds =
          which === 'product' ? await backByProduct() : await backByScript(phase, round, steps);
        legacy = which === 'product';
        took[which].push(milliseconds / 1000);
        console.log(`${phase}, round ${round}, ${which}: ${(milliseconds / 1000).toFixed(1)} s`);
      }
    }
    const reactionsOfPeer = reactions && (await reactionsOfScript());
    if (!legacy || reactionsOfPeer) {
      await restoreCheckpoint('bench-legacy');
      await atRest(lab);
    }
    const seconds = median(took.product);
    const ratio = median(took.product.map((value, index) => value / (took.script[index] ?? Number.NaN)));
    const goal = goals[phase] ?? Number.NaN;
    missed ||= seconds > goal;
    lines.push(
      ratioLine(`seconds from the word in ${phase} until the legacy install is verified`, seconds, goal),
      `     the script: ${median(took.script).toFixed(2)} s; product / script: ${ratio.toFixed(2)}`,
    );
    if (reactions && reactionsOfPeer) {
      const [ours, theirs] = [median(reactions), median(reactionsOfPeer)];
      missed ||= ours > reactionGoal;
      lines.push(
        ratioLine('seconds from the legacy owner resumed in soak until it is stopped', ours, reactionGoal),
        `     the script: ${theirs.toFixed(2)} s; product / script: ${(ours / theirs).toFixed(2)}`,
      );
    }
  }
  for (const line of lines) console.log(line);
  process.exitCode = missed ? 1 : 0;
} finally {
  await worker.end();
  await cp(worker.logFile, placeOf(lab, 'rollback-worker.log'));
}
