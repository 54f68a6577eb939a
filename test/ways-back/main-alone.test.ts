/** The worst case: both clusters were handed over, the run has ended, and main alone goes back while edge stays on the operator. */
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { type RehearsalOptions, writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import type { Standing } from '../../src/activities/standing/standing.ts';
import { eventually, Kubectl, unready } from '../lab/kubectl.ts';
import { Witness } from '../lab/witness.ts';
import { expectAsBefore, selfManagedOwner } from '../shapes/as-before.ts';
import { type Before, lookBefore } from '../shapes/before.ts';
import { legacyInstall, operatorInstall } from './installs.ts';
import { ReconcileProof } from './reconcile-proof.ts';

let lab: Lab;
let main: Kubectl;
let edge: Kubectl;
let fleet: Product;
let worker: WorkerProcess;
let witness: Witness;
/** Main on its legacy install. */
let before: Before;
/** Edge on the operator. */
let edgeBefore: Before;

async function product(options: RehearsalOptions): Promise<Product> {
  const directory = path.join(lab.directory, 'test-ways-back', options.fleet ?? 'both');
  const gates = { start: 'auto', cutover: 'auto', retire: 'auto' };
  const config = await writeHandoverConfig(lab, {
    directory,
    afterAdopt: '2s',
    afterRetire: '2s',
    gates,
    ...options,
  });
  return new Product(lab, config);
}

async function handOver(begun: Product, clusters: number): Promise<void> {
  const started = await begun.run('start', '--yes', '--detach');
  expect(started.exitCode, started.stdout + started.stderr).toBe(0);
  await eventually(`${clusters} clusters handed over`, 480, async () => {
    const states = await statesOf(begun);
    return states.length === clusters && states.every(([, state]) => state === 'done') ? true : undefined;
  });
}

async function statesOf(begun: Product): Promise<[string, string][]> {
  const { json } = await begun.run('status', '--json');
  const clusters = (json as { clusters: { cluster: string; state: string }[] } | undefined)?.clusters ?? [];
  return clusters.map(({ cluster, state }) => [cluster, state]);
}

async function places(): Promise<Record<string, string>> {
  const { json, stdout, stderr } = await fleet.run('status', '--direct', '--json');
  const found = (json as { clusters: Standing[] } | undefined)?.clusters;
  if (!found) throw new Error(stdout + stderr);
  return Object.fromEntries(found.map(({ cluster, at }) => [cluster, at]));
}

/** Main is what it was, edge is what it became; and both are reconciled by whom they belong to. */
async function expectMainBackAlone(): Promise<void> {
  await expectAsBefore(before, { lab, kubectl: main, witness, remade: selfManagedOwner });
  expect(await lookBefore(lab, edge, 'edge')).toEqual(edgeBefore);
  expect(await unready(edge)).toEqual([]);
  expect(await places()).toEqual({ edge: 'operator', main: 'rolled-back' });
  await new ReconcileProof(lab, main, legacyInstall('self-managed', 'main'), 'main').reconcilesAgain();
}

beforeAll(async () => {
  await lowerLab();
  lab = await raiseLab();
  main = new Kubectl(lab, clusterOf(lab, 'main'));
  edge = new Kubectl(lab, clusterOf(lab, 'edge'));
  before = await lookBefore(lab, main, 'main');
  fleet = await product({});
});

beforeEach(async () => {
  witness = new Witness(clusterOf(lab, 'main'));
  await witness.start();
});

afterEach(async () => {
  await worker?.end().catch(() => undefined);
  witness?.stop();
});

afterAll(() => lowerLab());

describe('main alone', () => {
  it('goes back on a word to a run that has ended, to exactly what it was; edge is left alone', async () => {
    worker = await fleet.worker('worker');
    await handOver(fleet, 2);
    expect(await places()).toEqual({ edge: 'operator', main: 'operator' });
    edgeBefore = await lookBefore(lab, edge, 'edge');
    const begin = performance.now();
    const word = await fleet.run('rollback', 'main', '--yes', '--reason', 'the rack does not like it');
    expect(word.exitCode, word.stdout + word.stderr).toBe(0);
    const end = await eventually('main back, or held', 300, async () => {
      const states = await statesOf(fleet);
      const state = states.find(([cluster]) => cluster === 'main')?.[1];
      return state === 'held' || state === 'rolled-back' ? state : undefined;
    });
    expect(end, (await fleet.run('status', 'main')).stdout).toBe('rolled-back');
    console.log(`main alone, by Temporal: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    await expectMainBackAlone();
    await new ReconcileProof(lab, edge, operatorInstall('edge')).reconcilesAgain();
  });

  it('is handed over once more, and goes back from Git and the cluster alone', async () => {
    before = await lookBefore(lab, main, 'main');
    edgeBefore = await lookBefore(lab, edge, 'edge');
    const again = await product({ fleet: 'again', clusters: [clusterOf(lab, 'main')] });
    worker = await again.worker('worker');
    await handOver(again, 1);
    await worker.end();
    const begin = performance.now();
    const back = await again.run('rollback', '--direct', 'main', '--yes');
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    console.log(`main alone, from Git and cluster: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    await expectMainBackAlone();
  });
});
