/** What a run leaves behind of itself on the cluster and in Git, so that the way back needs nothing else. Pure. */
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import type { ClusterPlan, LegacyShape, ObjectReference, PlannedTarget } from '../plan/types.ts';
import type { StepInput } from './contract.ts';
import { ownerOfPlan } from './planned.ts';

/** The settings of handover.yaml that a plan is made from; none of them is a secret. */
export interface PlannedSettings {
  install: HandoverConfig['install'];
  clusters: Pick<ClusterConfig, 'name' | 'branch' | 'path' | 'namespace' | 'components'>[];
}

export interface RunRecord {
  run: string;
  fleet: string;
  cluster: string;
  clusterUid: string;
  planDigest: string;
  /** Commit at which the plan was made. */
  baseCommit: string;
  shape: LegacyShape;
  /** What owned Flux, where something did. */
  owner: ObjectReference | null;
  target: PlannedTarget;
  settings: PlannedSettings;
}

/** @param plan the one that was approved */
export function recordOf(
  { run, config, cluster, planDigest }: StepInput,
  plan: ClusterPlan,
  clusterUid: string,
): RunRecord {
  return {
    run,
    fleet: config.fleet,
    cluster,
    clusterUid,
    planDigest,
    baseCommit: plan.commit,
    shape: plan.legacy.shape,
    owner: plan.legacy.owner && ownerOfPlan(plan),
    target: plan.target,
    settings: settingsOf(config),
  };
}

function settingsOf({ install, clusters }: HandoverConfig): PlannedSettings {
  return {
    install,
    clusters: clusters.map(({ name, branch, path, namespace, components }) => ({
      name,
      branch,
      path,
      namespace,
      ...(components ? { components } : {}),
    })),
  };
}

/**
 * The configuration as the run's plan was made from it: what was edited since does not change what is undone. How to reach
 * cluster and repository, and how long to wait, is as it is written today.
 */
export function configOfRecord(config: HandoverConfig, { settings }: RunRecord): HandoverConfig {
  const clusters = settings.clusters.map((then): ClusterConfig => {
    const now = config.clusters.find(({ name }) => name === then.name);
    const { components: _components, ...rest } = now ?? { context: then.name };
    return { ...rest, ...then };
  });
  return { ...config, install: settings.install, clusters };
}

/** Whether handover.yaml says something else today than when the run's plan was made. */
export function editedSince(config: HandoverConfig, { settings }: RunRecord): string[] {
  const today = settingsOf(config);
  const changed: string[] = [];
  if (JSON.stringify(today.install) !== JSON.stringify(settings.install)) changed.push('install');
  for (const then of settings.clusters) {
    const now = today.clusters.find(({ name }) => name === then.name);
    if (JSON.stringify(now) !== JSON.stringify(then)) changed.push(`clusters: ${then.name}`);
  }
  return changed;
}

/** What every step of the run was called with. */
export function inputOfRecord(config: HandoverConfig, record: RunRecord): StepInput {
  const { run, cluster, planDigest, baseCommit, clusterUid } = record;
  return { run, config: configOfRecord(config, record), cluster, planDigest, baseCommit, clusterUid };
}
