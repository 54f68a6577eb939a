/** The way back by hand, typed as docs/runbook.md prints it, on a cluster of each shape that was handed over: it is what it was. */
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { FLUX_VERSION } from '../../lab/toolchain/index.ts';
import { clusterWorkflowId, fleetWorkflowId } from '../../src/workflows/contract.ts';
import { controllerSettings, eventually, Kubectl, uidsOf, unready } from '../lab/kubectl.ts';
import { gitServer } from '../lab/person.ts';
import { Witness } from '../lab/witness.ts';
import { type Before, lookBefore, managersOf, replicaSetsOf, suspendedOf, treeOf } from '../shapes/before.ts';
import { chosenTries } from './choice.ts';
import { Follow } from '../lab/follow.ts';
import { readRunbook, type Section } from './page.ts';
import { shapesByHand } from './tries.ts';
import { Workstation } from './workstation.ts';

/** The run and the fleet of the runbook's example. */
const run = 'home-20261122-7f3a';
const fleet = 'home';
/** Commits of the example, by phase. */
const examples = {
  orphan: '1a2b3c4d',
  operator: '2b3c4d5e',
  stage: '3c4d5e6f',
  adopt: '4d5e6f70',
  retire: '5e6f7081',
};
/** What goes with `retire`, as planned. */
const leaves: Readonly<Record<(typeof shapesByHand)[number], readonly string[]>> = {
  'self-managed': ['Kustomization flux-system/flux', 'OCIRepository flux-system/flux-manifests'],
  'bootstrap-only': [],
  'flux-bootstrap': [],
  helm: ['Kustomization flux-system/flux2', 'HelmRelease flux-system/flux2'],
};
const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };
const shapes = shapesByHand.filter((shape) => chosenTries().includes(shape));

describe.each(shapes)('%s', (shape) => {
  let lab: Lab;
  let edge: Kubectl;
  let before: Before;
  let worker: WorkerProcess | undefined;
  let witness: Witness | undefined;
  let station: Workstation;
  let section: Section;
  let atTheEnd: Section;
  let filled: Record<string, string>;

  beforeAll(async () => {
    const page = await readRunbook();
    section = page.find(({ title }) => title === `By hand: ${shape}`) ?? missing(shape);
    atTheEnd = page.find(({ title }) => title === 'By hand: at the end') ?? missing('the end');
    await lowerLab();
    lab = await raiseLab({ clusters: ['edge'], shape });
    const cluster = clusterOf(lab, 'edge');
    edge = new Kubectl(lab, cluster);
    await eventually('a cluster at rest', 120, async () =>
      (await unready(edge)).length === 0 ? true : undefined,
    );
    before = await lookBefore(lab, edge);
    const config = await writeHandoverConfig(lab, {
      fleet,
      directory: path.join(lab.directory, 'test-runbook', shape),
      afterAdopt: '1s',
      afterRetire: '1h',
      gates: auto,
      clusters: [cluster],
      ...(shape === 'helm' ? { install: { distributionVersion: FLUX_VERSION } } : {}),
    });
    const product = new Product(lab, config);
    worker = await product.worker('worker');
    witness = new Witness(cluster);
    await witness.start();
    const follow = new Follow(product);
    await follow.start(run);
    await follow.state('the second soak', ({ state, phase }) => state === 'soaking' && phase === 'settle');
    await worker.end('SIGKILL');
    for (const id of [fleetWorkflowId(fleet), clusterWorkflowId(fleet, 'edge')]) await terminate(id);
    filled = await commits();
    station = await Workstation.open(lab, config, cluster.kubeconfig);
  });

  afterAll(async () => {
    await worker?.end('SIGKILL').catch(() => undefined);
    witness?.stop();
    await lowerLab();
  });

  async function terminate(id: string): Promise<void> {
    const where = ['--address', lab.temporal.address, '--namespace', lab.temporal.namespace];
    await execa(path.join(lab.bin, 'temporal'), [
      'workflow',
      'terminate',
      ...where,
      '--workflow-id',
      id,
      '--reason',
      'by hand',
    ]);
  }

  /** What stands for the commits of the example. */
  async function commits(): Promise<Record<string, string>> {
    const format = '--format=%(trailers:key=Handover-Step,valueonly,separator=) %h';
    const log = await gitServer(lab, 'log', format, `${before.head}..edge`);
    const made = new Map(log.split('\n').map((line) => line.split(' ') as [string, string]));
    return Object.fromEntries(
      Object.entries(examples).flatMap(([phase, example]) => {
        const commit = made.get(phase);
        return commit ? [[example, commit]] : [];
      }),
    );
  }

  it('each step can be typed as it stands, in the order of the page', async () => {
    expect(section.parts.size).toBeGreaterThan(3);
    const left: string[] = [];
    for (const [phase, lines] of section.parts) {
      const since = performance.now();
      for (const line of lines) {
        const printed = await station.type(line, filled);
        if (line.includes('select(any(.metadata.managedFields')) left.push(printed);
      }
      console.log(`${shape}, ${phase}: ${((performance.now() - since) / 1000).toFixed(1)} s by hand`);
    }
    // Nothing is in the operator's name any more.
    expect(left).toEqual(['']);
  });

  it('at the end the product finds it undone, and judges it to be what it was', async () => {
    // The worker's last sign of life counts for a minute.
    await eventually('the judgement', 120, async () => {
      for (const line of atTheEnd.commands) await station.type(line);
      return true;
    });
    expect(await station.type('flux-handover status --direct edge')).toContain('was rolled back');
  });

  it('nothing of before has gone, and Git and the cluster are what they were', async () => {
    // What leaves with `retire` comes back as a new object.
    const staying = (uids: Map<string, string>) =>
      new Map([...uids].filter(([key]) => !leaves[shape].includes(key)));
    const now = await uidsOf(edge);
    const kept = new Set(staying(before.uids).values());
    expect(witness?.deletions().filter(({ uid }) => kept.has(uid))).toEqual([]);
    expect(staying(now)).toEqual(staying(before.uids));
    expect([...now.keys()].toSorted()).toEqual([...before.uids.keys()].toSorted());
    expect(await treeOf(lab)).toBe(before.tree);
    expect(await replicaSetsOf(edge)).toEqual(before.replicaSets);
    expect(await controllerSettings(edge)).toEqual(before.settings);
    expect(await suspendedOf(edge)).toEqual(before.suspended);
    expect(await unready(edge)).toEqual([]);
    const managers = await managersOf(edge);
    for (const [controller, names] of managers) expect(names, controller).not.toContain('flux-operator');
    // Where no owner writes the managers itself, a person's hands leave another name than the former ones.
    const exact = shape === 'self-managed' || shape === 'flux-bootstrap';
    expect([...managers.keys()]).toEqual([...before.managers.keys()]);
    expect(exact ? managers : before.managers).toEqual(before.managers);
  });
});

function missing(what: string): never {
  throw new Error(`docs/runbook.md has no section for ${what}`);
}
