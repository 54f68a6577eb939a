/** Makes the plan of a cluster, or of the whole fleet, from trees and a builder alone: no network, no clock, no cluster. */
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import type { KustomizeBuild } from '../repo/kustomize-program.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import { judgeCommits, type Judgement, type JudgeRequest } from './collection/judge.ts';
import { clusterPlanDigest, planDigest } from './digest.ts';
import { gitInstanceHazards, type InstalledParts } from './git-instance-hazards.ts';
import { refuse } from './hazard.ts';
import { phasesOf } from './phases.ts';
import { readingHazards, unshippedHazards } from './reading.ts';
import type { HazardId } from './rules/index.ts';
import { readScene, type Scene } from './scene.ts';
import { sharedFileHazards } from './shared-files.ts';
import { detectShape, type DetectedShape } from './shapes/detect.ts';
import { planners } from './shapes/index.ts';
import { twoInstalls } from './shapes/looked-for.ts';
import type { PlannedParts } from './shapes/planner.ts';
import { terraformHazards } from './shapes/terraform.ts';
import { readStyle } from './style.ts';
import { surroundingHazards } from './surroundings/index.ts';
import type { ClusterPlan, Hazard, Plan } from './types.ts';
import { wayBackLimits } from './way-back.ts';

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
  build,
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
  else {
    const planned = planners[detected.shape](scene, detected, (listFile) =>
      readStyle(styleTree ?? tree, listFile, scene.folder),
    );
    Object.assign(parts, planned);
    const unread = readingHazards(scene);
    // What kustomize can not read either is refused, not simulated: some of it would keep it busy for ever.
    const isReadable = !unread.some(({ id }) => id === 'yaml-broken');
    // The builds run while the rest is looked at.
    const judging = judge(isReadable ? parts : { ...parts, changes: [] }, {
      scene,
      build,
      fluxSources: detected.fluxSources,
    });
    if (isInstall(detected) && phasesOf(detected.shape) === null)
      parts.hazards = [...planned.hazards, notOffered(detected, scene.folder)];
    parts.hazards = [
      ...parts.hazards.filter(({ id }) => !isEcho(id, unread)),
      ...unread,
      ...unshippedHazards(scene, parts.changes),
      ...sharedFileHazards(scene, parts.changes),
      ...terraformHazards(scene, detected),
      ...twoInstalls(scene, detected),
      ...gitInstanceHazards(scene, () => installedParts(scene, detected)),
      ...surroundingHazards(scene, parts),
    ];
    const { effects, hazards } = await judging;
    parts.changes = parts.changes.map((change, index) => ({ ...change, effects: effects[index] ?? [] }));
    parts.hazards.push(...hazards);
  }
  const { name, branch } = cluster;
  const plan = { ...parts, name, branch, wayBack: wayBackLimits({ ...parts, branch }) };
  return { ...plan, commit: tree.commit, digest: clusterPlanDigest(plan) };
}

/** What only follows from something that could not be read, and would send a person to the wrong place. */
function isEcho(id: HazardId, unread: Hazard[]): boolean {
  // A file that can not be read can not be edited either.
  if (id === 'edit-refused') return unread.length > 0;
  const untold = unread.some((hazard) => hazard.id === 'path-substituted' && hazard.severity === 'refuse');
  return untold && ['apps-not-applied', 'list-not-found', 'root-not-found'].includes(id);
}

/** What each commit would do, by simulation. */
async function judge(
  { changes, legacy }: PlannedParts,
  request: Pick<JudgeRequest, 'scene' | 'build' | 'fluxSources'>,
): Promise<Judgement> {
  if (changes.length === 0) return { effects: [], hazards: [] };
  return judgeCommits({ ...request, fluxVersion: legacy.version }, changes);
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

/** Whether there is a legacy install to hand over at all. */
function isInstall({ shape }: DetectedShape): boolean {
  return shape !== 'operator' && shape !== 'none' && shape !== 'unknown';
}

/** What the legacy install consists of that Git still holds, also where it is half replaced; null where there is none. */
function installedParts(scene: Scene, detected: DetectedShape): InstalledParts | null {
  const { legacyShape, found } = detected;
  if (['operator', 'none', 'unknown'].includes(legacyShape)) return null;
  const { legacy } = planners[legacyShape](scene, { ...detected, shape: legacyShape }, (listFile) =>
    readStyle(scene.tree, listFile, scene.folder),
  );
  if (legacy && legacy.components.length > 0) return legacy;
  return {
    components: [...new Set(found.rendered.flatMap(({ components }) => components))],
    networkPolicies: found.rendered.some(({ networkPolicies }) => networkPolicies.length > 0),
  };
}

function notOffered({ shape, evidence, where }: DetectedShape, folder: string): Hazard {
  return refuse('shape-not-offered', where, {
    what: `${folder} holds the shape ${shape}: ${evidence}`,
    why: 'No way forward and back is proven for it, so it is refused, not guessed',
    mend: "Follow Flux Operator's migration guide by hand, or wait for a version that offers this shape",
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
      sync: null,
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
