/** The plan that was approved, made again at the commit it was made at, and compared with what the branch holds now. */
import { makeClusterPlan } from '../plan/make-plan.ts';
import type { PhaseName } from '../plan/phases.ts';
import { replan } from '../plan/replan.ts';
import type { Change, ClusterPlan, ObjectReference } from '../plan/types.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { stepState } from '../repo/steps.ts';
import type { Tree } from '../repo/tree.ts';
import { failure, refusal } from './failure.ts';
import { flux, type Session } from './session.ts';

export interface Planned {
  plan: ClusterPlan;
  tree: Tree;
}

/** Plans by cluster, commit and digest: deterministic, so kept for the life of the worker. */
const known = new Map<string, Planned>();

/** @throws PlanChanged when the plan at the base commit is not the one that was approved */
export async function plannedAtBase(session: Session): Promise<Planned> {
  const { input } = session;
  if (input.baseCommit === null) throw new TypeError('the base commit is known once preflight is done');
  const key = [input.cluster, input.baseCommit, input.planDigest].join(' ');
  const found = known.get(key);
  if (found) return found;
  const planned = await planAt(session, input.baseCommit);
  if (planned.plan.digest !== input.planDigest) throw madeOtherwise(session, planned.plan.digest);
  known.set(key, planned);
  return planned;
}

export async function planAt(session: Session, commit: string): Promise<Planned> {
  const { input, settings } = session;
  const repository = await session.repository();
  const tree = await repository.tree(commit, [folderPath(settings.path)]);
  const build = await session.build();
  return { plan: await makeClusterPlan({ tree, config: input.config, cluster: settings, build }), tree };
}

/** The commits of this run that are in force on the branch, as phases. */
async function phasesDone(session: Session): Promise<PhaseName[]> {
  const steps = await stepState(await session.repository(), session.settings.branch, session.input);
  return steps
    .filter(({ step, undone }) => !undone && !step.startsWith('undo-'))
    .map(({ step }) => step as PhaseName);
}

/** Proves that the head, with our own commits undone, still leads to the approved plan. @throws PlanChanged */
export async function assertPlanHolds(session: Session, head: Tree): Promise<void> {
  const { plan, tree } = await plannedAtBase(session);
  const done = await phasesDone(session);
  const again = await replan({
    base: plan,
    baseTree: tree,
    head,
    config: session.input.config,
    cluster: session.settings,
    build: await session.build(),
    done,
  });
  if (!again.same) throw planChanged(session, again.digest, again.changedFiles);
}

export function planChanged({ input, settings }: Session, digest: string, files: string[]): Error {
  const what =
    files.length > 0
      ? `on branch ${settings.branch} these files differ from the approved plan: ${files.join(', ')}`
      : `the plan made at the head of branch ${settings.branch} has the digest ${digest}, the approved one ${input.planDigest}`;
  return failure('PlanChanged', [
    refusal(
      'plan-changed',
      what,
      'what would be done is not what was shown and approved',
      `look at what changed (git log origin/${settings.branch}), then run flux-handover plan and start with the new plan, or revert the change and retry`,
    ),
  ]);
}

/** The same commit gives another plan: then not the branch but this program or the configuration is another one. */
function madeOtherwise({ input }: Session, digest: string): Error {
  return failure('PlanChanged', [
    refusal(
      'plan-made-otherwise',
      `the plan made at commit ${input.baseCommit ?? ''} has the digest ${digest}, the approved one ${input.planDigest}`,
      'what would be done is not what was shown and approved',
      'was flux-handover updated, or handover.yaml edited, since the start? go on with the version that made the plan, or abandon the run and start anew',
    ),
  ]);
}

export function changeOf(plan: ClusterPlan, phase: PhaseName): Change {
  const change = plan.changes.find((candidate) => candidate.phase === phase);
  if (!change) throw new TypeError(`the plan has no change for ${phase}`);
  return change;
}

/** Whether the plan orphans the legacy owner: only then does it leave. */
export function isOrphaned({ changes }: ClusterPlan): boolean {
  return changes.some(({ phase }) => phase === 'orphan');
}

/** The Git source that brings our commits. */
export function sourceOfPlan({ source }: ClusterPlan): ObjectReference {
  if (!source) throw new TypeError('a plan without a source is refused by preflight');
  return flux.source(source.kind, source.namespace, source.name);
}

type Target = ClusterPlan['target'];

/** Where the FluxInstance is expected to be. */
export function instanceOf({
  target,
}: {
  target: Pick<Target, 'namespace' | 'instanceName'>;
}): ObjectReference {
  return flux.instance(target.namespace, target.instanceName);
}

/** The Kustomization that brings the FluxInstance. */
export function keeperOf({
  target,
}: {
  target: Pick<Target, 'namespace' | 'instanceKustomization'>;
}): ObjectReference {
  return flux.kustomization(target.namespace, target.instanceKustomization);
}

/** What owns Flux in the legacy install: a Kustomization, or a HelmRelease. */
export function ownerOfPlan({ legacy }: ClusterPlan): ObjectReference {
  if (!legacy.owner) throw new TypeError('a plan without a legacy owner has no such step');
  const { kind, namespace, name } = legacy.owner;
  return kind === 'HelmRelease' ? flux.helmRelease(namespace, name) : flux.kustomization(namespace, name);
}
