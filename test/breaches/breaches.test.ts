/** Somebody does harm by hand in the middle of a run: it is stopped within seconds, told clearly, and both ways lead out of it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterOf, type Lab } from '../../lab/description.ts';
import { lowerLab, raiseLab, restoreCheckpoint, saveCheckpoint } from '../../lab/index.ts';
import { writeHandoverConfig } from '../../lab/rehearsal/handover-config.ts';
import { Product, type WorkerProcess } from '../../lab/rehearsal/product.ts';
import { controllerSettings, eventually, Kubectl, uidsOf, unready } from '../lab/kubectl.ts';
import { type Sighting, Witness } from '../lab/witness.ts';
import { type Before, lookBefore, managersOf, suspendedOf, treeOf } from '../shapes/before.ts';
import { Follow } from '../lab/follow.ts';
import { watchFor } from './reaction.ts';
import { chosenStories, type Story } from './stories.ts';

const checkpoint = 'before-breaches';
/** Goal for what is stopped, and for what is only told. Seconds. */
const goal = 5;
const auto = { start: 'auto', cutover: 'auto', retire: 'auto' };
/** What an uninstall takes first, and what is put back. */
function isOfInstall({ resource, object }: Sighting): boolean {
  if (resource === 'clusterroles' || resource === 'clusterrolebindings') return true;
  return /^(deployments|services|serviceaccounts)$/.test(resource) && object.startsWith('flux-system/');
}

/** A controller that was put back says for which one it stands. */
const standIn = /flux-handover-first-aid Update, /;

/** Records of helm, and locks, come and go by themselves. */
const passing = /^(secrets\/.*\/sh\.helm\.release\.v1\.|leases\/)/;

let lab: Lab;
let edge: Kubectl;
let before: Before;

beforeAll(async () => {
  await lowerLab();
  lab = await raiseLab({ clusters: ['edge'] });
  edge = new Kubectl(lab, clusterOf(lab, 'edge'));
  await saveCheckpoint(checkpoint);
  await atRest();
  before = await lookBefore(lab, edge);
});

afterAll(() => lowerLab());

async function putBack(): Promise<void> {
  await restoreCheckpoint(checkpoint);
  await atRest();
}

async function atRest(): Promise<void> {
  await eventually('a cluster at rest', 120, async () =>
    (await unready(edge)).length === 0 ? true : undefined,
  );
}

describe.each(chosenStories())('%s', (name, story) => {
  let product: Product;
  let follow: Follow;
  let worker: WorkerProcess | undefined;
  let witness: Witness;
  /** UIDs of all that was there when the run began. */
  let there: Set<string>;

  beforeEach(async ({ task }) => {
    const fleet = `${name}-${task.name.includes('rollback') ? 'back' : 'on'}`;
    const config = await writeHandoverConfig(lab, {
      fleet,
      directory: path.join(lab.directory, 'test-breaches', fleet),
      afterAdopt: '1h',
      afterRetire: '2s',
      gates: auto,
      clusters: [clusterOf(lab, 'edge')],
    });
    product = new Product(lab, config);
    follow = new Follow(product);
    worker = await product.worker('worker');
    witness = new Witness(clusterOf(lab, 'edge'));
    await witness.start();
    const present = [...witness.present()].filter(([key]) => !passing.test(key));
    there = new Set(present.map(([, uid]) => uid));
    await follow.start();
    await follow.state('the soak', ({ state }) => state === 'soaking');
  });

  afterEach(async ({ task }) => {
    witness.stop();
    const { stdout } = await product.run('status');
    await worker?.end().catch(() => undefined);
    // Logs outlive the lab.
    const folder = path.join(lab.directory, 'logs', 'test-breaches');
    await mkdir(folder, { recursive: true });
    const file = `${name}-${task.name.includes('rollback') ? 'back' : 'on'}.json`;
    await writeFile(
      path.join(folder, file),
      `${JSON.stringify({ status: stdout.split('\n'), sightings: witness.sightings }, undefined, 2)}\n`,
    );
    if (task.result?.state !== 'fail') return;
    console.log(stdout);
    // The next one begins where this one began.
    await putBack();
  });

  afterAll(putBack);

  it(`${story.title}; rollback leads back to what was`, async () => {
    await expectHeld(story);
    await must('rollback', 'edge', '--yes', '--reason', 'a breach');
    await follow.state('the end of the way back', ({ state }) => state === 'rolled-back');
    await expectAsBefore(story);
  });

  it(`${story.title}; retry goes on to the end`, async () => {
    await expectHeld(story);
    await must('retry', 'edge', '--yes');
    const soaking = await follow.state('the soak again', ({ state }) => state === 'soaking');
    expect(soaking.hold).toBeNull();
    await must('soak', 'skip', 'edge', '--yes');
    await follow.state('the end', ({ state }) => state === 'done');
    await expectForward(story);
  });

  /** @throws Error with what the command said when it fails */
  async function must(...words: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await product.run(...words);
    if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  }

  async function expectHeld({ breach, stopped, id }: Story): Promise<void> {
    const reaction = stopped && (await watchFor(clusterOf(lab, 'edge'), stopped));
    const begin = Date.now();
    await breach(lab, edge);
    const done = Date.now();
    const { hold } = await follow.state('the hold', ({ state }) => state === 'held', true);
    const stoppedAt = reaction?.seenAt() ?? null;
    reaction?.stop();
    // A bootstrap takes a while to apply, and does harm from its first object to its last.
    const toldAfter = (Date.parse(hold?.since ?? '') - (stopped ? begin : done)) / 1000;
    const stoppedAfter = stoppedAt === null ? null : (stoppedAt - begin) / 1000;
    console.log(
      `${story.title}: ${stoppedAfter === null ? '' : `stopped after ${stoppedAfter.toFixed(1)} s, `}asked after ${toldAfter.toFixed(1)} s\n` +
        (hold?.findings ?? [])
          .map(({ id: found, what, mend }) => `  ${found}: ${what}\n    → ${mend}`)
          .join('\n') +
        `\n  lost meanwhile: ${
          lostOfBefore()
            .map(({ resource, object }) => `${resource} ${object}`)
            .join(', ') || 'nothing'
        }`,
    );
    expect(hold?.findings.map((finding) => finding.id)).toContain(id);
    for (const word of ['retry', 'rollback', 'abandon'])
      expect(hold?.choices).toContainEqual(
        expect.stringMatching(new RegExp(`^flux-handover ${word} .*edge$`)),
      );
    // What does harm is stopped first, and told when that is done.
    expect(stopped ? (stoppedAfter ?? Number.NaN) : toldAfter, 'seconds to the reaction').toBeLessThanOrEqual(
      goal,
    );
    expect(toldAfter, 'seconds until a person is asked').toBeLessThanOrEqual(3 * goal);
    expectSaved();
  }

  /** What was there before the run and was deleted, if only for a moment; without what leaves with `retire`, as planned. */
  function lostOfBefore(): Sighting[] {
    return witness
      .deletions()
      .filter(({ uid, object }) => there.has(uid) && !/^flux-system\/(flux|flux-manifests)$/.test(object));
  }

  /** Definitions, Flux objects, volumes and what people run: not gone for a moment. */
  function expectSaved(): void {
    const lost = lostOfBefore().filter((sighting) => !(story.touchesInstall && isOfInstall(sighting)));
    expect(lost).toEqual([]);
    expect(witness.gaps).toEqual([]);
  }

  async function expectAsBefore({ touchesInstall }: Story): Promise<void> {
    await atRest();
    expectSaved();
    const kept = (uids: Map<string, string>) =>
      Object.fromEntries(
        [...uids].filter(([key]) => !(touchesInstall && key.startsWith('Deployment flux-system/'))),
      );
    const now = await uidsOf(edge);
    expect.soft(kept(now), 'UIDs').toEqual(kept(before.uids));
    expect.soft([...now.keys()].toSorted(), 'objects').toEqual([...before.uids.keys()].toSorted());
    expect.soft(await treeOf(lab), 'the files in Git').toBe(before.tree);
    const managers = [...(await managersOf(edge))].map(([key, text]) => [key, text.replace(standIn, '')]);
    expect.soft(new Map(managers as [string, string][]), 'field managers').toEqual(before.managers);
    expect.soft(await controllerSettings(edge), 'arguments and limits').toEqual(before.settings);
    expect.soft(await suspendedOf(edge), 'what is suspended').toEqual(before.suspended);
    expect.soft(await aidedObjects(), 'first aid that is left').toEqual([]);
  }

  async function expectForward({ touchesInstall }: Story): Promise<void> {
    await atRest();
    expectSaved();
    const now = await uidsOf(edge);
    const changed = [...before.uids].filter(
      ([key, uid]) =>
        now.get(key) !== uid &&
        !/ flux-system\/(flux|flux-manifests)$/.test(key) &&
        !(touchesInstall && key.startsWith('Deployment flux-system/')),
    );
    expect.soft(changed, 'UIDs').toEqual([]);
    for (const [controller, managers] of await managersOf(edge))
      expect.soft(managers, controller).toContain('flux-operator Apply');
    expect.soft(await suspendedOf(edge), 'what is suspended').toEqual(before.suspended);
    expect.soft(await aidedObjects(), 'first aid that is left').toEqual([]);
    const instance = await edge.get('fluxinstances.fluxcd.controlplane.io', 'flux');
    expect(instance?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }),
    );
  }

  async function aidedObjects(): Promise<string[]> {
    const kinds =
      'kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io,deployments,clusterrolebindings';
    return (await edge.list(kinds))
      .filter(({ metadata }) => metadata.annotations?.['flux-handover/first-aid'] !== undefined)
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }
});
