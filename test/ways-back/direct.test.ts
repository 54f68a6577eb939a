/** The way back when Temporal is gone with all its data, and when the run has ended: from Git and the cluster alone, watched from outside. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import type { Standing } from '../../src/activities/standing/standing.ts';
import { eventually, Kubectl, unready } from '../lab/kubectl.ts';
import { gitServer, pushEdit } from '../lab/person.ts';
import { startTemporalServer } from '../lab/second-temporal.ts';
import { Witness } from '../lab/witness.ts';
import { expectAsBefore, selfManagedOwner } from '../shapes/as-before.ts';
import { type Before, lookBefore, treeOf } from '../shapes/before.ts';
import { Follow } from '../lab/follow.ts';
import { legacyInstall } from './installs.ts';
import { ReconcileProof } from './reconcile-proof.ts';
import { backToStart, keepStart } from './start.ts';

let lab: Lab;
let edge: Kubectl;
let before: Before;
let proof: ReconcileProof;

interface Run {
  product: Product;
  follow: Follow;
  worker: WorkerProcess;
  witness: Witness;
  directory: string;
  /** Ends Temporal with all that it knew: it held everything in memory. */
  loseTemporal: () => Promise<void>;
}

let run: Run | null = null;
/** A run was begun, and the cluster was not seen to be legacy again. */
let between = false;

/** A run of its own, on a Temporal of its own. */
async function begin(fleet: string): Promise<Run> {
  const temporal = await startTemporalServer(lab);
  const directory = path.join(lab.directory, 'test-ways-back', fleet);
  const config = await writeHandoverConfig(lab, {
    fleet,
    directory,
    afterAdopt: '5s',
    afterRetire: '1h',
    clusters: [clusterOf(lab, 'edge')],
  });
  const product = new Product(lab, config, { TEMPORAL_ADDRESS: temporal.address });
  const worker = await product.worker('worker');
  const witness = new Witness(clusterOf(lab, 'edge'));
  await witness.start();
  const follow = new Follow(product);
  between = true;
  run = { product, follow, worker, witness, directory, loseTemporal: () => temporal.stop() };
  return run;
}

async function standing(product: Product): Promise<Standing & { command: string | null }> {
  const { json, stdout, stderr } = await product.run('status', '--direct', '--json');
  const [found] =
    (json as { clusters: (Standing & { command: string | null })[] } | undefined)?.clusters ?? [];
  if (!found) throw new Error(stdout + stderr);
  return found;
}

async function stepsInForce(): Promise<string[]> {
  const format = '--format=%(trailers:key=Handover-Step,valueonly,separator=)';
  return (await gitServer(lab, 'log', '--reverse', format, `${before.head}..edge`))
    .split('\n')
    .filter(Boolean);
}

/** Cluster and Git are what they were, and the legacy install does its work again; then the next run begins from there. */
async function expectLegacyAgain({ witness }: Run, remade: ReadonlySet<string>): Promise<void> {
  await expectAsBefore(before, { lab, kubectl: edge, witness, remade });
  await proof.reconcilesAgain();
  before = await lookBefore(lab, edge);
  between = false;
}

beforeAll(async () => {
  await lowerLab();
  lab = await raiseLab({ clusters: ['edge'] });
  edge = new Kubectl(lab, clusterOf(lab, 'edge'));
  proof = new ReconcileProof(lab, edge, legacyInstall('self-managed'));
  before = await keepStart(lab);
});

beforeEach(async () => {
  if (between) before = await backToStart(lab);
  between = false;
});

afterEach(async () => {
  await run?.worker.end('SIGKILL').catch(() => undefined);
  run?.witness.stop();
  await run?.loseTemporal();
  run = null;
});

afterAll(async () => {
  await proof?.end();
  await lowerLab();
});

describe('a cluster that nobody moved', () => {
  it('is said to be legacy, and there is nothing to roll back', async () => {
    const { product, loseTemporal } = await begin('untouched');
    await loseTemporal();
    expect(await standing(product)).toMatchObject({ at: 'legacy', due: [], command: null });
    const { exitCode, stdout } = await product.run('rollback', '--direct', 'edge', '--yes');
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain('nothing to undo');
    expect(await treeOf(lab, 'edge')).toBe(before.tree);
    between = false;
  });
});

describe('Temporal and its data are lost', () => {
  it('in the middle of adopt: what it says, whom it refuses to overrun, and the way back', async () => {
    const begun = await begin('within-adopt');
    const { product, follow, worker, directory } = begun;
    await follow.start();
    await follow.approve('start');
    await follow.approve('cutover');
    await eventually('the commit of adopt', 60, async () =>
      (await stepsInForce()).includes('adopt') ? true : undefined,
    );
    await worker.end('SIGKILL');
    await begun.loseTemporal();
    // Neither is the worker's disk needed.
    await rm(path.join(directory, 'evidence'), { recursive: true, force: true });

    const seen = await standing(product);
    expect(seen).toMatchObject({ at: 'underway', phase: 'adopt', way: 'forward', misfits: [] });
    expect(seen.due.map(({ phase }) => phase)).toEqual(['adopt', 'stage', 'operator', 'orphan']);

    const refused = await product.run('rollback', '--direct', 'edge', '--yes');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--take-over');

    const back = await product.run('rollback', '--direct', 'edge', '--yes', '--take-over');
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    expect(await standing(product)).toMatchObject({ at: 'rolled-back', lease: null, due: [] });
    await expectLegacyAgain(begun, new Set());
  });

  it('after retire, with other people’s commits in between: the way back keeps them', async () => {
    const begun = await begin('after-retire');
    const { product, follow, worker } = begun;
    await follow.start();
    for (const gate of ['start', 'cutover', 'retire']) await follow.approve(gate);
    await follow.state('the second soak', ({ state, phase }) => state === 'soaking' && phase === 'settle');
    await worker.end('SIGKILL');
    await begun.loseTemporal();
    await pushEdit(lab, 'edge', 'README.md', (text) => `${text}\nkept\n`);

    expect(await standing(product)).toMatchObject({ at: 'underway', phase: 'retire', misfits: [] });
    const back = await product.run('rollback', '--direct', 'edge', '--yes', '--take-over', '--json');
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    expect(await gitServer(lab, 'show', 'edge:README.md')).toContain('kept');
    await pushEdit(lab, 'edge', 'README.md', (text) => text.replace('\nkept\n', ''));
    await eventually('everything Ready', 60, async () =>
      (await unready(edge)).length === 0 ? true : undefined,
    );
    await expectLegacyAgain(begun, selfManagedOwner);
  });

  it('and somebody enables the FluxInstance by hand: it is said, and nothing is guessed', async () => {
    const { product, follow, worker, loseTemporal } = await begin('by-hand');
    await follow.start();
    await follow.approve('start');
    await follow.gate('cutover');
    await worker.end('SIGKILL');
    await loseTemporal();
    const instance = ['annotate', 'fluxinstance', 'flux', '--overwrite'];
    await edge.run('-n', 'flux-system', ...instance, 'fluxcd.controlplane.io/reconcile-');
    const seen = await eventually('the misfit', 30, async () => {
      const found = await standing(product);
      return found.at === 'between' ? found : undefined;
    });
    expect(seen.misfits.map(({ id }) => id)).toContain('instance-enabled');
    const refused = await product.run('rollback', '--direct', 'edge', '--yes', '--take-over');
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain('fluxcd.controlplane.io/reconcile=disabled');
  });
});
