/** The six worst refusals, each proved right: what is refused is done all the same, and an outside witness counts what is lost. */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  clusterOf,
  labDirectory,
  listCheckpoints,
  lowerLab,
  raiseLab,
  readLab,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../lab/index.ts';
import type { Hazard } from '../../src/plan/types.ts';
import { Witness } from '../lab/witness.ts';
import { describeLosses, lossesSince } from './losses.ts';
import { Stage, type ShapeName } from './stage.ts';
import { stories } from './stories/index.ts';

const alsoWatched = {
  networkpolicies: '/apis/networking.k8s.io/v1/networkpolicies',
  fluxinstances: '/apis/fluxcd.controlplane.io/v1/fluxinstances',
};
const checkpoint = 'before-damage';
/** How long the cluster is watched on after the expected damage is there, so that all of it is counted. */
const aftermath = 10_000;

const say = (line: string): void => void process.stdout.write(`   ${line}\n`);

describe.each<ShapeName>(['self-managed', 'flux-bootstrap'])('on a cluster of the shape %s', (shape) => {
  let witness: Witness | undefined;

  beforeAll(() => raiseShape(shape));

  afterEach(() => witness?.stop());

  const told = stories.filter((story) => story.shape === shape).map((story) => [story.title, story] as const);
  it.each(told)('%s', async (_, story) => {
    say('puts the cluster to where the story begins');
    await restoreCheckpoint(checkpoint);
    const lab = await readLab();
    const stage = await Stage.open(lab, shape);
    await story.prepare(stage);
    const before = await stage.refusals();

    witness = new Witness(clusterOf(lab, 'edge'), alsoWatched);
    await witness.start();
    const present = witness.present();
    say(`${present.size} objects are watched; now ${story.title}`);
    const since = await story.step(stage);
    const losses = () => lossesSince(witness!, present, since);
    const facts = await vi.waitFor(async () => story.damage(losses(), stage), {
      timeout: story.within * 1000,
      interval: 250,
    });
    const seconds = (Date.now() - since) / 1000;
    await new Promise((resolve) => setTimeout(resolve, aftermath));

    const plan = [...before, ...(await stage.refusals())];
    const commits = await stage.refusedCommits();
    const record = [
      story.title,
      `all expected damage was there after ${seconds.toFixed(1)} s; ${losses().length} objects lost`,
      ...facts,
      ...describeLosses(losses()),
      ...new Set([...plan, ...commits].map(describeRefusal)),
    ];
    for (const line of record) say(line);
    await keep(record);
    expect(plan.map(({ id }) => id)).toEqual(expect.arrayContaining([...story.refusedAs.plan]));
    expect(commits.map(({ id }) => id)).toEqual(expect.arrayContaining([...story.refusedAs.commits]));
    expect([...story.refusedAs.plan, ...story.refusedAs.commits], 'refused at all').not.toEqual([]);
  });
});

/** One cluster of the shape, saved as it is before anything is done to it. `make test-damage` lowers it in the end. */
async function raiseShape(shape: ShapeName): Promise<void> {
  const present = await readLab().catch(() => undefined);
  const saved = (await listCheckpoints()).includes(checkpoint);
  if (present?.edgeShape === shape && saved) return;
  say(`raises one cluster of the shape ${shape}`);
  await lowerLab();
  await raiseLab({ clusters: ['edge'], shape });
  await saveCheckpoint(checkpoint);
}

function describeRefusal({ id, where }: Hazard): string {
  return `refused: ${id}${where === null ? '' : ` at ${where.file}:${where.line}`}`;
}

/** Kept beside the lab's logs, which outlive it. */
async function keep(lines: readonly string[]): Promise<void> {
  const folder = path.join(labDirectory, 'logs');
  await mkdir(folder, { recursive: true });
  await appendFile(path.join(folder, 'damage.txt'), `${new Date().toISOString()} ${lines.join('\n  ')}\n`);
}
