/** The worst case: both clusters were handed over, the run has ended, and main alone goes back while edge stays on the operator. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import type { Standing } from '../../src/activities/standing/standing.ts';
import { controllerSettings, eventually, Kubectl, uidsOf, unready } from '../lab/kubectl.ts';
import { gitServer } from '../lab/person.ts';
import { Witness } from '../lab/witness.ts';
import { managersOf, replicaSetsOf } from '../shapes/before.ts';

const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };

let lab: Lab;
let product: Product;
let worker: WorkerProcess | undefined;
let witness: Witness | undefined;

beforeAll(async () => {
  await lowerLab();
  lab = await raiseLab();
  const directory = path.join(lab.directory, 'test-ways-back', 'main-alone');
  const config = await writeHandoverConfig(lab, {
    directory,
    afterAdopt: '2s',
    afterRetire: '2s',
    gates: auto,
  });
  product = new Product(lab, config);
});

afterAll(async () => {
  await worker?.end().catch(() => undefined);
  witness?.stop();
  await lowerLab();
});

async function standings(): Promise<Standing[]> {
  const { json, stdout, stderr } = await product.run('status', '--direct', '--json');
  const found = (json as { clusters: Standing[] } | undefined)?.clusters;
  if (!found) throw new Error(stdout + stderr);
  return found;
}

async function lookAt(kubectl: Kubectl): Promise<object> {
  const [uids, settings, replicaSets, managers] = await Promise.all([
    uidsOf(kubectl),
    controllerSettings(kubectl),
    replicaSetsOf(kubectl),
    managersOf(kubectl),
  ]);
  // The legacy owner and its source leave with `retire`, as planned, and are made anew.
  for (const key of ['Kustomization flux-system/flux', 'OCIRepository flux-system/flux-manifests'])
    if (uids.has(key)) uids.set(key, 'there');
  return { uids: Object.fromEntries(uids), settings, replicaSets, managers };
}

it('brings main back to exactly what it was, and leaves edge alone', async () => {
  const main = new Kubectl(lab, clusterOf(lab, 'main'));
  const edge = new Kubectl(lab, clusterOf(lab, 'edge'));
  const mainBefore = await lookAt(main);
  const treeBefore = await gitServer(lab, 'rev-parse', 'main^{tree}');

  worker = await product.worker('worker');
  const started = await product.run('start', '--yes', '--detach');
  expect(started.exitCode, started.stdout + started.stderr).toBe(0);
  await eventually('both clusters handed over', 480, async () => {
    const { json } = await product.run('status', '--json');
    const clusters = (json as { clusters: { state: string }[] } | undefined)?.clusters ?? [];
    return clusters.length === 2 && clusters.every(({ state }) => state === 'done') ? true : undefined;
  });
  await worker.end();
  expect((await standings()).map(({ cluster, at }) => [cluster, at])).toEqual([
    ['edge', 'operator'],
    ['main', 'operator'],
  ]);

  const edgeBefore = await lookAt(edge);
  const edgeHead = await gitServer(lab, 'rev-parse', 'edge');
  witness = new Witness(clusterOf(lab, 'main'));
  await witness.start();
  const back = await product.run('rollback', '--direct', 'main', '--yes');
  expect(back.exitCode, back.stdout + back.stderr).toBe(0);

  expect(await lookAt(main)).toEqual(mainBefore);
  expect(await gitServer(lab, 'rev-parse', 'main^{tree}')).toBe(treeBefore);
  expect(await unready(main)).toEqual([]);
  expect(await lookAt(edge)).toEqual(edgeBefore);
  expect(await gitServer(lab, 'rev-parse', 'edge')).toBe(edgeHead);
  expect(witness.gaps).toEqual([]);
  expect((await standings()).map(({ cluster, at }) => [cluster, at])).toEqual([
    ['edge', 'operator'],
    ['main', 'rolled-back'],
  ]);
});
