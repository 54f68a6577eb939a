/** Back from every phase of every shape, on a real cluster: it is what it was, its legacy install does its work, and it goes over again. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { type RehearsalOptions, writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import type { PhaseName } from '../../src/plan/phases.ts';
import type { Plan } from '../../src/plan/types.ts';
import { eventually, Kubectl, unready } from '../lab/kubectl.ts';
import { gitServer } from '../lab/person.ts';
import { Witness } from '../lab/witness.ts';
import { expectAsBefore } from '../shapes/as-before.ts';
import { type Before, lookBefore, managersOf } from '../shapes/before.ts';
import { Follow } from '../lab/follow.ts';
import { chosenShapes } from './choice.ts';
import { GitAway } from './git-away.ts';
import { ReconcileProof } from './reconcile-proof.ts';
import { backToStart, keepStart } from './start.ts';

const fleet = 'home';
const instances = 'fluxinstances.fluxcd.controlplane.io';

describe.each(chosenShapes())('$shape', ({ shape, install, phases, gitAway, forward }) => {
  let lab: Lab;
  let edge: Kubectl;
  let product: Product;
  let follow: Follow;
  let worker: WorkerProcess | undefined;
  let witness: Witness;
  let away: GitAway;
  let proof: ReconcileProof;
  let before: Before;
  /** `Kind namespace/name` of what leaves with `retire`, as planned. */
  let leaving: Set<string>;
  /** A run was begun, and has not been seen to be back: nothing can be begun on top of it. */
  let between = false;
  const took: { from: string; seconds: number }[] = [];

  /** One handover.yaml in one place, edited between runs as its owner would. */
  async function configure(options: RehearsalOptions): Promise<void> {
    const config = await writeHandoverConfig(lab, {
      fleet,
      directory: path.join(lab.directory, 'test-ways-back', shape),
      gates: { start: 'auto', cutover: 'auto', retire: 'auto' },
      clusters: [clusterOf(lab, 'edge')],
      ...(install.install ? { install: install.install } : {}),
      ...options,
    });
    product = new Product(lab, config);
    follow = new Follow(product);
  }

  /** Starts a run, and ends in the middle of the phase: after its commit, or in its soak. */
  async function begin(phase: PhaseName): Promise<void> {
    between = true;
    // Long where it must not go on by itself before the word has come.
    await configure({ afterAdopt: phase === 'soak' ? '1h' : '1s', afterRetire: '1h' });
    await follow.start();
    if (phase === 'soak' || phase === 'settle')
      await follow.state(`the ${phase}`, (status) => status.state === 'soaking' && status.phase === phase);
    else
      await eventually(`the commit of ${phase}`, 180, async () =>
        (await steps()).at(-1) === phase ? true : undefined,
      ).catch(async (error: unknown) => {
        // Says why, where the run is held before it.
        await follow.notHeld();
        throw error;
      });
  }

  /** Steps that were committed since the cluster was last as before, in their order. */
  async function steps(): Promise<string[]> {
    const format = '--format=%(trailers:key=Handover-Step,valueonly,separator=)';
    const log = await gitServer(lab, 'log', '--reverse', format, `${before.head}..edge`);
    return log.split('\n').filter((step) => step !== '' && !step.startsWith('undo-'));
  }

  /** It was taken back from where it was meant to be; it is what it was, and does what it did. */
  async function expectLegacy(phase: PhaseName, milliseconds: number, how = ''): Promise<void> {
    const seconds = Number((milliseconds / 1000).toFixed(1));
    took.push({ from: `${phase}${how}`, seconds });
    console.log(`${shape}, back from ${phase}${how}: ${seconds} s`);
    const last = phase === 'soak' ? 'adopt' : phase === 'settle' ? 'retire' : phase;
    expect.soft((await steps()).at(-1), 'the last step that was committed').toBe(last);
    const remade = last === 'retire' ? leaving : new Set<string>();
    await expectAsBefore(before, { lab, kubectl: edge, witness, remade });
    witness.stop();
    await proof.reconcilesAgain();
    before = await lookBefore(lab, edge);
    between = false;
  }

  beforeAll(async () => {
    await lowerLab();
    lab = await raiseLab({ clusters: ['edge'], shape });
    edge = new Kubectl(lab, clusterOf(lab, 'edge'));
    away = new GitAway(lab);
    proof = new ReconcileProof(lab, edge, install);
    await proof.prepare();
    before = await keepStart(lab);
    await configure({});
    const { json, stdout, stderr } = await product.run('plan', '--json');
    const [planned] = (json as Plan | undefined)?.clusters ?? [];
    if (planned?.legacy.shape !== shape) throw new Error(`not planned as ${shape}: ${stdout}${stderr}`);
    leaving = new Set(
      planned.changes
        .flatMap(({ collects }) => collects)
        .map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    );
    worker = await product.worker('worker');
  });

  beforeEach(async () => {
    if (between) before = await backToStart(lab);
    between = false;
    witness = new Witness(clusterOf(lab, 'edge'));
    await witness.start();
  });

  afterEach(() => witness?.stop());

  afterAll(async () => {
    await worker?.end().catch(() => undefined);
    await away?.end();
    await proof?.end();
    if (lab) {
      // Logs outlive the lab.
      const folder = path.join(lab.directory, 'logs', 'test-ways-back');
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, `${shape}.json`), `${JSON.stringify(took, undefined, 2)}\n`);
    }
    await lowerLab();
  });

  it.each(phases)('goes back from %s, and its legacy install reconciles again', async (phase) => {
    await begin(phase);
    await expectLegacy(phase, await follow.rollback());
  });

  it.each(gitAway)(
    'goes back from %s though Git and source-controller are away at the word',
    async (phase) => {
      await begin(phase);
      const scale = (replicas: number) =>
        edge.run('-n', 'flux-system', 'scale', 'deployment', 'source-controller', `--replicas=${replicas}`);
      await Promise.all([away.begin(), scale(0)]);
      const since = performance.now();
      await follow.sayRollback();
      try {
        const disabled = await eventually('the FluxInstance disabled on the cluster', 30, async () => {
          const annotations = (await edge.get(instances, 'flux'))?.metadata.annotations;
          return annotations?.['fluxcd.controlplane.io/reconcile'] === 'disabled' ? true : undefined;
        }).catch(() => false);
        expect.soft(disabled, 'the FluxInstance was disabled without Git').toBe(true);
        await eventually('the word that Git does not answer, and what to do', 90, async () => {
          const text = JSON.stringify((await product.run('status', '--json')).json ?? '');
          return /did not answer/.test(text) && /git ls-remote/.test(text) ? true : undefined;
        });
        console.log((await product.run('status', 'edge')).stdout);
      } finally {
        await Promise.all([away.end(), scale(1)]);
      }
      const back = performance.now();
      const { state } = await follow.state(
        'the end, or a hold',
        (status) => status.state === 'rolled-back' || status.state === 'held',
      );
      if (state === 'held') await follow.retry();
      await follow.state('the end of the way back', (status) => status.state === 'rolled-back', true);
      console.log(`${shape}: back ${((performance.now() - back) / 1000).toFixed(1)} s after Git was`);
      await expectLegacy(phase, performance.now() - since, ', Git away at first');
    },
  );

  it.runIf(forward)('is handed over after all that, to the end', async () => {
    await configure({ afterAdopt: '2s', afterRetire: '2s' });
    await follow.start();
    await follow.state('the end', ({ state }) => state === 'done');
    const instance = await edge.get(instances, 'flux');
    expect(instance?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
    );
    for (const [controller, managers] of await managersOf(edge))
      expect(managers, controller).toContain('flux-operator Apply');
    const now = (await lookBefore(lab, edge)).uids;
    const lost = [...before.uids].filter(([key, uid]) => !leaving.has(key) && now.get(key) !== uid);
    expect(lost, 'objects of before').toEqual([]);
    await eventually('everything Ready', 60, async () =>
      (await unready(edge)).length === 0 ? true : undefined,
    );
    expect(witness.gaps).toEqual([]);
  });
});
