/** What the planner says of commits that somebody else made: the same judge that every commit of a plan passes. */
import { loadConfig } from '../../src/config/load.ts';
import { judgeCommits } from '../../src/plan/collection/judge.ts';
import { fileChange } from '../../src/plan/file-change.ts';
import { readScene } from '../../src/plan/scene.ts';
import { detectShape } from '../../src/plan/shapes/detect.ts';
import type { Change, Hazard } from '../../src/plan/types.ts';
import { kubectlBuild } from '../../src/repo/kustomize-program.ts';
import { snapshot } from '../../src/repo/snapshot.ts';
import type { Tree } from '../../src/repo/tree.ts';

/**
 * @param repository folder of the bare repository @param commits one after the other; the first is what the cluster has
 * @returns refusals of what any of the later ones does
 */
export async function refusedCommits(
  repository: string,
  configFile: string,
  commits: readonly string[],
): Promise<Hazard[]> {
  const trees = await Promise.all(commits.map((commit) => snapshot({ cwd: repository }, commit)));
  const [base] = trees;
  const config = loadConfig(configFile);
  const [cluster] = config.clusters;
  if (!base || !cluster) throw new Error('a judgement needs a commit and a cluster');
  const scene = readScene(base, config, cluster);
  const { fluxSources } = detectShape(scene);
  const changes = trees.slice(1).map((tree, index) => asChange(trees[index] ?? base, tree));
  const { hazards } = await judgeCommits(
    { scene, fluxSources, fluxVersion: '2.9.2', build: await kubectlBuild() },
    changes,
  );
  return hazards.filter(({ severity }) => severity === 'refuse');
}

function asChange(before: Tree, after: Tree): Pick<Change, 'phase' | 'files' | 'collects'> {
  const paths = new Set([...before.paths(), ...after.paths()]);
  return {
    phase: 'retire',
    files: [...paths].flatMap((path) => fileChange(before, path, after.read(path)) ?? []),
    collects: [],
  };
}
