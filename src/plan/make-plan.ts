/** Makes the plan of a cluster, or of the whole fleet, from trees and a builder alone: no network, no clock, no cluster. */
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import type { KustomizeBuild } from '../repo/kustomize-program.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import { clusterPlanDigest, planDigest } from './digest.ts';
import { refuse } from './hazard.ts';
import { phasesOf } from './phases.ts';
import { readScene } from './scene.ts';
import { detectShape, type DetectedShape } from './shapes/detect.ts';
import { planSelfManaged, type PlannedParts } from './shapes/self-managed.ts';
import { readStyle } from './style.ts';
import type { ClusterPlan, Hazard, Plan } from './types.ts';

export interface PlanRequest {
  tree: Tree;
  config: HandoverConfig;
  cluster: ClusterConfig;
  /** Builds what each commit changes, before and after. */
  build: KustomizeBuild;
  /** Tree whose files the new ones are written like; default: `tree`. A later planning keeps the first one's style. */
  styleTree?: Tree | undefined;
}

/** Never throws for what is in the repository: whatever stands in the way is a hazard of severity `refuse`. */
export async function makeClusterPlan({
  tree,
  config,
  cluster,
  styleTree,
}: PlanRequest): Promise<ClusterPlan> {
  const scene = readScene(tree, config, cluster);
  const detected = detectShape(scene);
  const parts: PlannedParts = { ...emptyParts(scene.config, cluster, detected), hazards: [] };
  const empty = !tree.paths().some((path) => isBelow(path, scene.folder));
  if (empty)
    parts.hazards.push(
      refuse('path-not-found', null, {
        what: `Branch ${cluster.branch} has no folder ${scene.folder}`,
        why: 'There is nothing to plan from',
        mend: 'Correct clusters[].path in handover.yaml; each cluster is planned on its own branch',
      }),
    );
  else if (detected.shape === 'self-managed')
    Object.assign(
      parts,
      planSelfManaged(scene, detected, (listFile) => readStyle(styleTree ?? tree, listFile, scene.folder)),
    );
  else parts.hazards.push(shapeHazard(detected, scene.folder));
  const plan = { ...parts, name: cluster.name, branch: cluster.branch };
  return { ...plan, commit: tree.commit, digest: clusterPlanDigest(plan) };
}

/** @param trees by branch, each at the head of that branch. @throws RangeError for a branch that is not among them */
export async function makePlan(
  config: HandoverConfig,
  trees: ReadonlyMap<string, Tree>,
  build: KustomizeBuild,
): Promise<Plan> {
  const making = config.clusters.map(async (cluster) => {
    const tree = trees.get(cluster.branch);
    if (!tree) throw new RangeError(`no tree for branch ${cluster.branch}`);
    return makeClusterPlan({ tree, config, cluster, build });
  });
  const clusters = await Promise.all(making);
  const plan = {
    apiVersion: 'flux-handover/plan-v1' as const,
    repo: { url: config.repository.url, commit: clusters[0]?.commit ?? '' },
    clusters,
  };
  return { ...plan, digest: planDigest(plan) };
}

/** Why the plan must not be started; empty for a plan that may be. */
export function refusals(plan: ClusterPlan): Hazard[] {
  return plan.hazards.filter(({ severity }) => severity === 'refuse');
}

function shapeHazard({ shape, evidence, where }: DetectedShape, folder: string): Hazard {
  if (shape === 'operator')
    return refuse('instance-exists', where, {
      what: `Flux Operator is already there: ${evidence}`,
      why: 'A second install beside it would fight over the controllers',
      mend: `Nothing to hand over; if it is what is left of an attempt, remove it from ${folder} and plan again`,
    });
  const offered = phasesOf(shape) !== null;
  return refuse('shape-not-offered', where, {
    what: `${folder} holds the shape ${shape}: ${evidence}`,
    why: offered
      ? 'It is not planned by this version'
      : 'No way forward and back is proven for it, so it is refused, not guessed',
    mend:
      shape === 'none' || shape === 'unknown'
        ? 'Check clusters[].path and clusters[].branch in handover.yaml'
        : "Follow Flux Operator's migration guide by hand, or wait for a version that offers this shape",
  });
}

function emptyParts(
  { install }: HandoverConfig,
  { namespace }: ClusterConfig,
  { shape, bootstrap }: DetectedShape,
): PlannedParts {
  return {
    legacy: {
      shape,
      version: '',
      namespace,
      components: [],
      owner: null,
      ownerSource: null,
      bootstrapPath: bootstrap ? bootstrap.file.replace(/\/[^/]+$/, '') : null,
      patches: [],
      networkPolicies: true,
    },
    source: null,
    roots: [],
    target: {
      namespace,
      operatorKustomization: 'flux-operator',
      instanceKustomization: 'flux-instance',
      operatorHelmRelease: 'flux-operator',
      instanceHelmRelease: install.instanceAs === 'chart' ? 'flux-instance' : null,
      instanceName: 'flux',
      components: [],
      distributionVersion: '',
      parentKustomization: '',
      charts: [],
      images: [],
    },
    decisions: [],
    changes: [],
    hazards: [],
  };
}
