/** Every shape of the table, for real: planned, handed over and taken back in the lab under outside watches, then rebuilt from nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadinessGap } from '../../bench/readiness-gap.ts';
import { clusterOf, readLab, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import type { Plan } from '../../src/plan/types.ts';
import { controllerSettings, eventually, Kubectl, uidsOf, unready } from '../lab/kubectl.ts';
import { fileAt, filesAt, gitServer, headOf } from '../lab/person.ts';
import { Follow } from '../lab/follow.ts';
import { unplannedChanges } from '../lab/verdicts.ts';
import { Witness } from '../lab/witness.ts';
import { expectAsBefore } from './as-before.ts';
import { type Before, lookBefore, managersOf, suspendedOf } from './before.ts';
import { rebuild } from './rebuild.ts';
import { chosenShapes } from './shapes.ts';

const controllers = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];
/** `--flag` and `--flag=true` mean the same. */
const flagOf = (argument: string) => argument.replace(/=true$/, '');
const kustomizations = 'kustomizations.kustomize.toolkit.fluxcd.io';

describe.each(chosenShapes())('$name', (shape) => {
  let lab: Lab;
  let edge: Kubectl;
  let product: Product;
  let follow: Follow;
  let worker: WorkerProcess;
  let witness: Witness;
  let gap: ReadinessGap;
  let before: Before;
  let plan: Plan;
  let since = 0;

  /** A run of its own: another fleet name, and a soak after `retire` long enough to be cancelled in it. */
  async function prepare(fleet: string, afterRetire: string): Promise<void> {
    const directory = path.join(lab.directory, 'test-shapes', shape.name, fleet);
    const config = await writeHandoverConfig(lab, {
      fleet,
      directory,
      afterAdopt: '5s',
      afterRetire,
      clusters: [clusterOf(lab, 'edge')],
      ...(shape.install ? { install: shape.install } : {}),
    });
    product = new Product(lab, config);
    follow = new Follow(product);
    worker = await product.worker('worker');
    witness = new Witness(clusterOf(lab, 'edge'));
    await witness.start();
    gap = new ReadinessGap(clusterOf(lab, 'edge'), ['source-controller', 'kustomize-controller']);
    await gap.start();
    since = performance.now();
  }

  /** Ends the run's worker and watches, and keeps what they saw. */
  async function conclude(what: string): Promise<void> {
    const seconds = (performance.now() - since) / 1000;
    const { json, stdout } = await product.run('status', '--json');
    await worker.end();
    witness.stop();
    const without = (await gap.stop()) / 1000;
    // Logs outlive the lab.
    const folder = path.join(lab.directory, 'logs', 'test-shapes', shape.name);
    await mkdir(folder, { recursive: true });
    await writeFile(
      path.join(folder, `${what.replaceAll(' ', '-')}.json`),
      `${JSON.stringify({ what, seconds, without, status: json ?? stdout, sightings: witness.sightings }, undefined, 2)}\n`,
    );
    console.log(
      `${shape.name}, ${what}: ${seconds.toFixed(1)} s, longest without a source or kustomize controller ${without.toFixed(1)} s`,
    );
    expect(witness.gaps).toEqual([]);
    for (const controller of controllers)
      expect(witness.controllerDeployments.get(controller) ?? 1, controller).toBe(1);
  }

  async function expectBack(): Promise<void> {
    await expectAsBefore(before, { lab, kubectl: edge, witness, remade: leavingKeys() });
    await expectCanaries();
  }

  function leavingKeys(): Set<string> {
    const collects = plan.clusters[0]?.changes.flatMap((change) => change.collects) ?? [];
    return new Set(collects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  }

  async function expectCanaries(): Promise<void> {
    for (const { resource, name, namespace, holds } of shape.canaries)
      expect(
        await edge
          .run('get', resource, name, '-n', namespace, '-o', 'json')
          .then((text) => JSON.stringify(JSON.parse(text))),
      ).toMatch(holds);
  }

  beforeAll(async () => {
    await lowerLab();
    lab = await raiseLab({ clusters: ['edge'], shape: shape.name });
    edge = new Kubectl(lab, clusterOf(lab, 'edge'));
    before = await lookBefore(lab, edge);
  });

  afterAll(async () => {
    await worker?.end().catch(() => undefined);
    witness?.stop();
    await lowerLab();
  });

  it('is planned as what it is, and nothing in the plan refuses', async () => {
    await prepare('planned', '1h');
    const { exitCode, json, stdout, stderr } = await product.run('plan', '--json');
    expect(exitCode, stdout.slice(0, 2000) + stderr).toBe(0);
    plan = json as Plan;
    expect(plan.clusters[0]?.legacy.shape).toBe(shape.shape);
    expect(plan.clusters[0]?.changes.map(({ phase }) => phase)).toEqual(shape.steps);
    await conclude('plan');
  });

  it('goes back from after the adoption, and is what it was', async () => {
    await prepare('from-adopt', '1h');
    await follow.start();
    await follow.approve('start');
    const shown = (await follow.gate('cutover')).gate?.shown ?? [];
    expect(shown.filter((line) => /^(warn|refuse):/.test(line))).toEqual([]);
    await follow.approve('cutover');
    await follow.rejectAndGoBack('retire');
    await conclude('back from after adopt');
    await expectBack();
  });

  it('goes back from after the removal of the legacy install, and is what it was', async () => {
    const fleet = 'from-retire';
    await prepare(fleet, '1h');
    await follow.start();
    for (const gate of ['start', 'cutover', 'retire']) await follow.approve(gate);
    await follow.state('the second soak', ({ state, phase }) => state === 'soaking' && phase === 'settle');
    await follow.cancel(lab, fleet);
    await conclude('back from after retire');
    await expectBack();
  });

  it('is handed over, and nothing that the plan does not name disappears', async () => {
    await prepare('forward', '5s');
    before.head = await headOf(lab, 'edge');
    await follow.start();
    for (const gate of ['start', 'cutover', 'retire']) await follow.approve(gate);
    await follow.state('the end', ({ state }) => state === 'done');
    await conclude('handover');
    const collects = plan.clusters[0]?.changes.flatMap((change) => change.collects) ?? [];
    expect(unplannedChanges(witness, collects)).toEqual([]);
    const planned = leavingKeys();
    const now = await uidsOf(edge);
    const lost = [...before.uids].filter(([key, uid]) => !planned.has(key) && now.get(key) !== uid);
    expect(lost).toEqual([]);
  });

  it('has a Ready FluxInstance, its controllers owned by the operator, with the settings they had', async () => {
    const instance = await edge.get('fluxinstances.fluxcd.controlplane.io', 'flux');
    expect(instance?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
    );
    const managers = await managersOf(edge);
    const settings = await controllerSettings(edge);
    for (const controller of controllers) {
      expect(managers.get(controller), controller).toContain('flux-operator Apply');
      expect(managers.get(controller), controller).not.toContain(shape.manager);
      const had = before.settings[controller];
      expect(settings[controller]?.resources, controller).toEqual(had?.resources);
      // The events address belongs to the install, not to a patch.
      const wanted = had?.args.filter((argument) => !argument.startsWith('--events-addr=')).map(flagOf) ?? [
        'missing',
      ];
      expect(settings[controller]?.args.map(flagOf), controller).toEqual(expect.arrayContaining(wanted));
    }
  });

  it('has everything Ready at the last commit, decrypted and substituted, and suspended what was suspended', async () => {
    await eventually('every Flux object Ready', 60, async () =>
      (await unready(edge)).length === 0 ? true : undefined,
    );
    const head = await headOf(lab, 'edge');
    const behind = (await edge.list(kustomizations))
      .filter(({ spec }) => spec.suspend !== true && spec.sourceRef.kind === 'GitRepository')
      .filter(({ status }) => !String(status.lastAppliedRevision).endsWith(`@sha1:${head}`));
    expect(behind.map(({ metadata }) => metadata.name)).toEqual([]);
    expect(await suspendedOf(edge)).toEqual(before.suspended);
    await expectCanaries();
  });

  it('has nothing of the legacy install left, neither on the cluster nor in Git, and one commit per step', async () => {
    const live = (await edge.list(kustomizations)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    for (const name of shape.leaves) expect(live).not.toContain(name);
    const files = await filesAt(lab, 'edge');
    for (const file of shape.filesGone) expect(files).not.toContain(file);
    expect(await fileAt(lab, 'edge', shape.guide)).toContain('flux-operator');
    const format = '--format=%(trailers:key=Handover-Step,valueonly,separator=)';
    const log = await gitServer(lab, 'log', '--reverse', format, `${before.head}..edge`);
    expect(log.split('\n')).toEqual(shape.steps);
  });

  it('comes up on an empty cluster by the commands of its guide, with everything Ready', async () => {
    const expected = (await edge.list(kustomizations)).length;
    const spare = await rebuild(lab, shape.guide);
    lab = await readLab();
    const kubectl = new Kubectl(lab, spare);
    await eventually('everything Ready on the new cluster', 240, async () => {
      const there = (await kubectl.list(kustomizations)).length;
      return there === expected && (await unready(kubectl)).length === 0 ? true : undefined;
    }).catch(async (error: unknown) => {
      throw new Error(`not Ready: ${(await unready(kubectl)).join('\n')}`, { cause: error });
    });
    const instance = await kubectl.get('fluxinstances.fluxcd.controlplane.io', 'flux');
    expect(instance?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
    );
  });
});
