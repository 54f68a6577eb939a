/** Planning again at a later head: our own commits do not count, everybody else's on touched files do. */
import { describe, expect, test } from 'vitest';
import { overlayTree, type Tree } from '../repo/tree.ts';
import { fixture, homeConfig, homeFolder as P, realBuild, treeOf } from './fixtures/index.ts';
import { makeClusterPlan } from './make-plan.ts';
import type { PhaseName } from './phases.ts';
import { replan, type ReplanResult } from './replan.ts';

const config = homeConfig();
const cluster = config.clusters[0]!;
const baseTree = treeOf(fixture('home'));
const base = await makeClusterPlan({ tree: baseTree, config, cluster, build: realBuild });
const steps = base.changes.map(({ phase }) => phase);

/** The branch after some of our commits, with somebody else's files on top. */
function headAfter(done: readonly PhaseName[], others: Record<string, string | null> = {}): Tree {
  const ours = base.changes
    .filter(({ phase }) => done.includes(phase))
    .reduce<Tree>(
      (tree, change) =>
        overlayTree(tree, Object.fromEntries(change.files.map(({ path, after }) => [path, after]))),
      baseTree,
    );
  return overlayTree(ours, others);
}

function again(done: readonly PhaseName[], others?: Record<string, string | null>): Promise<ReplanResult> {
  return replan({
    base,
    baseTree,
    head: headAfter(done, others),
    config,
    cluster,
    build: realBuild,
    done,
  });
}

describe('replan', () => {
  test.each(steps.map((_, index) => [steps.slice(0, index + 1)] as const))(
    'is the same after %j',
    async (done) => {
      expect(await again(done)).toMatchObject({ digest: base.digest, same: true, changedFiles: [] });
    },
  );

  test('is the same when others change other files, neighbours included', async () => {
    const neighbour = `${P}/apps/flux-system/alerts/ks.yaml`;
    const others = {
      'README.md': 'new',
      [neighbour]: (baseTree.read(neighbour) ?? '').replace('interval: 1h', 'interval: 2h'),
    };
    expect((await again(['orphan', 'operator'], others)).same).toBe(true);
  });

  test('names a file of a done step that somebody changed', async () => {
    const file = `${P}/apps/flux-system/flux-operator/app/ocirepository.yaml`;
    expect(await again(['orphan', 'operator'], { [file]: 'a: 1\n' })).toMatchObject({
      same: false,
      changedFiles: [file],
    });
    expect((await again(['orphan', 'operator'], { [file]: null })).same).toBe(false);
  });

  test('names a file of a step to come that somebody changed', async () => {
    const file = `${P}/bootstrap/flux/kustomization.yaml`;
    const result = await again(['orphan'], { [file]: `${baseTree.read(file)}# mine\n` });
    expect(result).toMatchObject({ same: false, changedFiles: [file] });
  });

  test('sees that a step is on the branch which was not said to be done', async () => {
    const head = headAfter(['orphan']);
    const result = await replan({ base, baseTree, head, config, cluster, build: realBuild, done: [] });
    expect(result.same).toBe(false);
  });

  test('sees a new reason to refuse', async () => {
    const file = `${P}/flux/other.yaml`;
    const result = await again(['orphan'], {
      [file]: 'apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux}\n',
    });
    expect(result.same).toBe(false);
  });
});
