/** Plans again at a later head, with our own commits undone: proves that nobody changed what the plan stands on. */
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import type { KustomizeBuild } from '../repo/kustomize-program.ts';
import { overlayTree, type Tree } from '../repo/tree.ts';
import { makeClusterPlan } from './make-plan.ts';
import type { PhaseName } from './phases.ts';
import type { ClusterPlan } from './types.ts';

export interface ReplanRequest {
  /** The plan as it was approved, and the tree it was made from. */
  base: ClusterPlan;
  baseTree: Tree;
  /** The branch as it is now. */
  head: Tree;
  config: HandoverConfig;
  cluster: ClusterConfig;
  build: KustomizeBuild;
  /** Phases whose commit is on the branch and was not undone. */
  done: readonly PhaseName[];
}

export interface ReplanResult {
  /** Digest of the plan made again; equals `base.digest` when nothing it stands on changed. */
  digest: string;
  /** Same digest, and every file of done phases is at the head as planned. */
  same: boolean;
  /** Files of done phases that somebody else changed; where there are none, files that the rest of the plan would now change differently. */
  changedFiles: string[];
  plan: ClusterPlan;
}

export async function replan({
  base,
  baseTree,
  head,
  config,
  cluster,
  build,
  done,
}: ReplanRequest): Promise<ReplanResult> {
  const original: Record<string, string | null> = {};
  const expected = new Map<string, string | null>();
  for (const change of base.changes.filter(({ phase }) => done.includes(phase))) {
    for (const { path, before, after } of change.files) {
      if (!(path in original)) original[path] = before;
      expected.set(path, after);
    }
  }
  const foreign = [...expected]
    .filter(([path, content]) => head.read(path) !== content)
    .map(([path]) => path);
  // A file that somebody else changed stays as it is, so that the digest shows it, too.
  const undone = Object.fromEntries(Object.entries(original).filter(([path]) => !foreign.includes(path)));
  const tree = overlayTree(head, undone);
  const plan = await makeClusterPlan({ tree, config, cluster, build, styleTree: baseTree });
  return {
    digest: plan.digest,
    same: foreign.length === 0 && plan.digest === base.digest,
    // What a foreign change does to the rest of the plan follows from it.
    changedFiles: (foreign.length > 0 ? foreign : differences(base, plan)).sort(),
    plan,
  };
}

function differences(left: ClusterPlan, right: ClusterPlan): string[] {
  const contents = (plan: ClusterPlan): Map<string, string> =>
    new Map(
      plan.changes.flatMap(({ phase, files }) =>
        files.map((file) => [`${phase} ${file.path}`, JSON.stringify([file.before, file.after])] as const),
      ),
    );
  const [before, after] = [contents(left), contents(right)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => key.slice(key.indexOf(' ') + 1));
}
