/** What every part of a cluster's run works with: its input, its state, its activities and its holds. */
import { proxyActivities } from '@temporalio/workflow';
import type { ClusterActivities, Finding, PhaseInput, StepInput } from '../activities/contract.ts';
import type { ClusterConfig } from '../config/schema.ts';
import type { Phase, PhaseName } from '../plan/phases.ts';
import { activityOptions, type Kind } from './activity-options.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ClusterInput, HoldResolution } from './contract.ts';

export interface Handover {
  input: ClusterInput;
  cluster: ClusterConfig;
  state: ClusterState;
}

/** What stops a phase: a hold, with what a person may choose. */
export interface Obstacle {
  findings: Finding[];
  actions: HoldResolution['action'][];
  /** The phase acted and failed, in this way; else it is held for another reason, and never goes back by itself. */
  failed?: string;
  /** Commands that do by hand what failed. */
  byHand?: string[];
}

/** Runs one activity on the cluster's own queue, with a summary for the Temporal UI. */
export function perform<Name extends keyof ClusterActivities>(
  { input }: Handover,
  kind: Kind,
  name: Name,
  summary: string,
  step: Parameters<ClusterActivities[Name]>[0],
): ReturnType<ClusterActivities[Name]> {
  const activities = proxyActivities<ClusterActivities>({
    ...activityOptions(input.config, input.cluster, kind),
    summary: `${input.cluster}: ${summary}`,
  });
  const activity = activities[name] as unknown as (
    step: Parameters<ClusterActivities[Name]>[0],
  ) => ReturnType<ClusterActivities[Name]>;
  return activity(step);
}

export function stepInput({ input, state }: Handover): StepInput {
  const { run, config, cluster, planDigest } = input;
  const { baseCommit, clusterUid } = state.progress;
  return { run, config, cluster, planDigest, baseCommit, clusterUid };
}

export function phaseInput(handover: Handover, phase: PhaseName): PhaseInput {
  return { ...stepInput(handover), phase, passedOver: handover.state.progress.passedOver };
}

/** What may be chosen when the current phase fails. Before the Lease is taken there is nothing to roll back. */
export function choicesNow({ state }: Handover): HoldResolution['action'][] {
  const { lease, compensations, direction } = state.progress;
  return direction === 'forward' && (lease === 'held' || compensations.length > 0)
    ? ['retry', 'rollback', 'abandon']
    : ['retry', 'abandon'];
}

/** Holds the cluster: a person is told what was found and what can be done. */
export function openHold(
  { input, state }: Handover,
  phase: PhaseName,
  { findings, actions: usual, byHand = [] }: Obstacle,
): void {
  const actions = isPassable(findings) && !usual.includes('skip') ? [...usual, 'skip' as const] : usual;
  state.progress.actions = actions;
  state.takeResolution();
  const choices = actions.map(
    (action) => `flux-handover ${action} ${input.cluster}${action === 'skip' ? " --reason '…'" : ''}`,
  );
  state.show({
    state: 'held',
    phase,
    gate: null,
    until: null,
    hold: { since: new Date().toISOString(), phase, findings, choices, byHand },
  });
  state.publish();
}

/** Nothing stands in the way but objects that are lost, and none of them is one that Flux needs. */
function isPassable(findings: readonly Finding[]): boolean {
  const refused = findings.filter(({ severity }) => severity === 'refuse');
  return refused.length > 0 && refused.every(({ passable = [] }) => passable.length > 0);
}

/** From a person's word on, the loss of what was found is not judged any more. */
export function passOverLosses({ state }: Handover, findings: readonly Finding[]): void {
  const { progress } = state;
  progress.passedOver = [
    ...new Set([...progress.passedOver, ...findings.flatMap(({ passable = [] }) => passable)]),
  ];
}

export function modeOf({ input, cluster }: Handover, gate: NonNullable<Phase['gate']>): 'manual' | 'auto' {
  return cluster.gates?.[gate] ?? input.config.gates[gate];
}
