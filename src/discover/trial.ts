/** Tries each found cluster against the planner itself, so that what is proposed is what a plan understands. */
import { handoverSchema, type ClusterConfig, type HandoverConfig } from '../config/schema.ts';
import { makeClusterPlan } from '../plan/make-plan.ts';
import { readScene } from '../plan/scene.ts';
import { detectShape } from '../plan/shapes/detect.ts';
import type { LegacyShape, Place } from '../plan/types.ts';
import type { KustomizeBuild } from '../repo/kustomize-program.ts';
import type { Tree } from '../repo/tree.ts';
import { gitUrl, type FoundCluster, type LeftOut } from './clusters.ts';

export interface TriedCluster extends FoundCluster {
  shape: LegacyShape;
  /** What gave the shape away. */
  evidence: string;
  where: Place | null;
  /** As Git says it; '' where it floats or is not told. */
  version: string;
  /** The source asks for signed commits. */
  signed: boolean;
}

/** Trying out is about what is there; what each commit collects is for `plan` to build. */
const notBuilt: KustomizeBuild = () => Promise.resolve({ ok: false, reason: 'not built', unknown: [] });

/** Clusters that a plan says something about, in the same order; the others with the reason why not. */
export async function tryPlans(
  found: FoundCluster[],
  trees: ReadonlyMap<string, Tree>,
  url: string | null,
): Promise<{ clusters: TriedCluster[]; leftOut: LeftOut[] }> {
  const clusters: TriedCluster[] = [];
  const leftOut: LeftOut[] = [];
  const unclear: TriedCluster[] = [];
  for (const cluster of found) {
    const tree = trees.get(cluster.branch);
    if (!tree) continue;
    const tried = await tryPlan(cluster, tree, url);
    if (tried.shape === 'operator' && !tried.halfDone)
      leftOut.push(without(tried.cluster, `it runs Flux Operator already (${tried.cluster.evidence})`));
    else if (/^(none|unknown)$/.test(tried.shape)) unclear.push(tried.cluster);
    else clusters.push(tried.cluster);
  }
  // Where nothing better is there, `plan` is what explains the unclear ones.
  if (clusters.length > 0)
    leftOut.push(
      ...unclear.map((each) => without(each, `no install of Flux was found there: ${each.evidence}`)),
    );
  return { clusters: clusters.length > 0 ? clusters : unclear, leftOut };
}

function without({ branch, path, where }: TriedCluster, why: string): LeftOut {
  return { branch, path, why, where };
}

async function tryPlan(
  cluster: FoundCluster,
  tree: Tree,
  url: string | null,
): Promise<{ cluster: TriedCluster; shape: LegacyShape; halfDone: boolean }> {
  const config = trialConfig(cluster, gitUrl(cluster) ?? url ?? 'unknown');
  const own = config.clusters[0] as ClusterConfig;
  const detected = detectShape(readScene(tree, config, own));
  const plan = await makeClusterPlan({ tree, config, cluster: own, build: notBuilt });
  return {
    cluster: {
      ...cluster,
      shape: detected.shape,
      evidence: detected.evidence,
      where: detected.where,
      version: plan.legacy.version,
      signed: plan.source?.verify ?? cluster.source?.verify ?? false,
    },
    shape: detected.shape,
    halfDone: !/^(none|unknown)$/.test(detected.legacyShape),
  };
}

function trialConfig({ name, branch, path, namespace }: FoundCluster, url: string): HandoverConfig {
  return handoverSchema.parse({
    apiVersion: 'flux-handover/v1',
    fleet: name,
    repository: { url },
    clusters: [{ name, branch, path, context: name, namespace }],
  });
}
