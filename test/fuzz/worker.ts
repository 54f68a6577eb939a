/** Plans mutated repositories one by one, apart from the test, so that one that never ends can be ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { makeClusterPlan } from '../../src/plan/make-plan.ts';
import type { ClusterPlan } from '../../src/plan/types.ts';
import { readWiring } from '../../src/discover/wiring.ts';
import { findZones } from '../../src/discover/zones.ts';
import { kubectlBuild } from '../../src/repo/kustomize-program.ts';
import { bases, type Base } from './bases.ts';
import { faultsOf } from './judge.ts';
import { hugeMutations, mutations } from './mutations.ts';
import { randomFrom } from './random.ts';
import { copyOf, fuzzTree, type FuzzRepository } from './repository.ts';

export interface Outcome {
  /** What was done to which repository. */
  story: string;
  faults: string[];
  refused: boolean;
  milliseconds: number;
}

const { seed, program } = workerData as { seed: number; program: boolean };
const build = program
  ? await kubectlBuild()
  : () => Promise.resolve({ ok: false as const, reason: 'not built', unknown: [] });
const cleanPlans = new Map<Base, Promise<ClusterPlan>>();

async function planOf(base: Base, repository: FuzzRepository): Promise<ClusterPlan> {
  const { config } = base;
  const [cluster] = config.clusters;
  if (!cluster) throw new Error(`${base.name} has no cluster`);
  return makeClusterPlan({ tree: fuzzTree(repository), config, cluster, build });
}

async function play(round: number): Promise<Outcome> {
  const random = randomFrom(seed * 1_000_003 + round);
  const base = random.pick(bases);
  const repository = copyOf(base.repository);
  const huge = round % 40 === 39;
  const steps: string[] = [];
  for (let count = huge ? 1 : 1 + random.below(3); count > 0; count -= 1)
    steps.push(random.pick(huge ? hugeMutations : mutations)(repository, random));
  const story = `${base.name}: ${steps.join('; ')}`;
  const begin = performance.now();
  const clean = cleanPlans.get(base) ?? planOf(base, base.repository);
  cleanPlans.set(base, clean);
  const faults: string[] = [];
  let refused = true;
  try {
    const tree = fuzzTree(repository);
    findZones(readWiring(tree, []));
    const plan = await planOf(base, repository);
    refused = plan.hazards.some(({ severity }) => severity === 'refuse');
    faults.push(...faultsOf(plan, await clean, tree, /swapped|copied|removed|order/.test(story)));
  } catch (error) {
    faults.push(`it crashes: ${(error as Error).stack ?? String(error)}`);
  }
  return { story, faults, refused, milliseconds: performance.now() - begin };
}

parentPort?.on('message', (round: number) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void play(round).then((outcome) => parentPort?.postMessage(outcome));
});
