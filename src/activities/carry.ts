/** Carries one planned commit onto the cluster: guards, commit, reconcile of the source, and the wait for its effect. */
import { viewFlux } from '../cluster/collections.ts';
import { handledSince, requestReconcile, requestToken, Settler } from '../cluster/flux.ts';
import { commitOf, healthOf, revisionOf, rolloutMissing } from '../cluster/health.ts';
import { renewEvery, renewLease, type Stand } from '../cluster/lease.ts';
import type { LiveView } from '../cluster/live-view.ts';
import { field, nameOf } from '../cluster/objects.ts';
import { type Waited, waitFor } from '../cluster/wait.ts';
import type { PhaseName } from '../plan/phases.ts';
import type { ClusterPlan, ObjectReference } from '../plan/types.ts';
import type { Repository } from '../repo/repository.ts';
import type { PhaseInput } from './contract.ts';
import { commitStep, guard, markStand, type StepCommit } from './guard.ts';
import { changeOf, plannedAtBase, sourceOfPlan } from './planned.ts';
import type { Session } from './session.ts';
import { releaseAids } from './watch/release.ts';

export interface Carrying {
  session: Session;
  plan: ClusterPlan;
  view: LiveView;
  /** On the way back, where what is to be undone is read from the branch: the mirror being brought up to date beside the rest. */
  fetched?: Promise<void> | undefined;
}

export interface Arrival extends Carrying {
  commit: string;
  alreadyDone: boolean;
  /** Whether a commit on the cluster is ours or came after ours. */
  reached: (commit: string) => boolean;
}

/**
 * Opens the live view beside the plan and the guards, and closes it when the work is done. The watch is told before anything
 * changes, and again when the step is done; a step that fails stays marked as acting, since it may have done a part of its work.
 */
export function carrying<Result>(
  session: Session<PhaseInput>,
  work: (opened: Carrying) => Promise<Result>,
): Promise<Result> {
  return carryingOn('forward', session, work);
}

/** The same for a compensation. */
export function carryingBack<Result>(
  session: Session<PhaseInput>,
  work: (opened: Carrying) => Promise<Result>,
): Promise<Result> {
  return carryingOn('back', session, work);
}

async function carryingOn<Result>(
  way: Stand['way'],
  session: Session<PhaseInput>,
  work: (opened: Carrying) => Promise<Result>,
): Promise<Result> {
  const fetched = way === 'back' ? session.repository().then((repository) => repository.fetch()) : undefined;
  // Whoever needs Git meets the failure; what is urgent goes on without.
  fetched?.catch(() => {});
  const [, { plan }, view] = await Promise.all([
    guard(session),
    plannedAtBase(session),
    viewFlux(session.cluster, session.namespace),
  ]);
  const { phase } = session.input;
  // A step that waits for minutes still drives the cluster; whether it may is judged where it writes.
  const renewing = setInterval(
    () => void renewLease(session.cluster, session.namespace, session.holder).catch(() => {}),
    renewEvery,
  );
  try {
    await markStand(session, { phase, way, acting: true });
    // The operator goes on only once its instance was disabled and read: the handing back does that.
    if (way === 'back') await releaseAids(session, { operator: phase !== 'retire' && phase !== 'adopt' });
    const result = await work({ session, plan, view, fetched });
    await markStand(session, { phase, way, acting: false });
    return result;
  } finally {
    clearInterval(renewing);
    await view.close();
  }
}

/** Commits the planned change of a phase and asks the source to fetch it. */
export function commitPhase(opened: Carrying, phase: PhaseName): Promise<Arrival> {
  const { message, files } = changeOf(opened.plan, phase);
  return commitAndFetch(opened, { step: phase, message, files, checkPlan: true });
}

export async function commitAndFetch({ session, plan, view }: Carrying, step: StepCommit): Promise<Arrival> {
  const { commit, alreadyDone } = await commitStep(session, step);
  await requestReconcile(session.cluster, sourceOfPlan(plan), requestToken());
  return {
    session,
    plan,
    view,
    commit,
    alreadyDone,
    reached: descendantsOf(commit, await session.repository()),
  };
}

/** Without them nothing comes from Git, however long one waits. */
function controllersDown(view: LiveView, { target }: ClusterPlan): string[] {
  return ['source-controller', 'kustomize-controller']
    .filter((name) => target.components.includes(name))
    .flatMap((name) => {
      const { namespace } = target;
      const deployment = view.find({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
      const none = field(deployment, 'spec', 'replicas') === 0;
      const missing = none
        ? `scaled to zero (kubectl -n ${namespace} scale deployment ${name} --replicas=1)`
        : deployment
          ? rolloutMissing(deployment)
          : 'it is gone';
      return missing ? [`Deployment ${namespace}/${name}: ${missing}`] : [];
    });
}

/**
 * Waits for the effect of a commit, nudging along whatever stands in a queue meanwhile.
 * @param judge looks at the view; asked only once the source has fetched the commit
 */
export function arrived<Value>(
  { session, plan, view, reached }: Arrival,
  judge: () => Waited<Value>,
): Promise<Value> {
  const source = { reference: sourceOfPlan(plan), reached };
  const settler = new Settler(session.cluster, view, { source });
  return waitFor(
    view,
    () => {
      const open = settler.look();
      const found = settler.sourceReached ? judge() : { waiting: open };
      return 'waiting' in found
        ? { ...found, waiting: [found.waiting, ...controllersDown(view, plan)].join('; ') }
        : found;
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
}

/** Has an object reconciled once more, and waits until it is Ready after that. */
export async function reconciledAnew(
  arrival: Arrival,
  reference: ObjectReference,
  also: () => Waited<true> | null = () => null,
): Promise<void> {
  const { session, view } = arrival;
  const token = requestToken();
  await requestReconcile(session.cluster, reference, token);
  await arrived(arrival, () => {
    const live = view.find(reference);
    if (!live) return { waiting: `${nameOf(reference)}, which is gone`, hopeless: true };
    const { state, message } = healthOf(live);
    if (state !== 'ready' || !handledSince(live, token))
      return { waiting: `${nameOf(reference)}: ${message || 'Ready'}` };
    return also() ?? { value: true };
  });
}

/** Waits until everything that Flux manages has settled at the commit. @param token when given, everything must also reconcile anew */
export function settled(
  { session, plan, view, reached }: Arrival,
  excused: ReadonlySet<string>,
  token?: string,
): Promise<number> {
  const source = { reference: sourceOfPlan(plan), reached };
  const settler = new Settler(session.cluster, view, {
    source,
    excused,
    ...(token === undefined ? {} : { token }),
  });
  return waitFor<number>(
    view,
    () => {
      const waiting = settler.look();
      return waiting ? { waiting } : { value: view.objects().length };
    },
    { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
  );
}

/** What a Kustomization or HelmRelease still lacks of being Ready (at the commit, if it follows Git); null when nothing. */
export function notReady(
  { view, reached }: Arrival,
  reference: ObjectReference,
): { waiting: string; hopeless?: boolean } | null {
  const object = view.find(reference);
  const name = nameOf(reference);
  if (!object) return { waiting: `${name} to appear` };
  const { state, message } = healthOf(object);
  if (reference.kind === 'Kustomization') {
    const commit = commitOf(revisionOf(object));
    if (state === 'ready' && commit && !reached(commit))
      return { waiting: `${name} to apply the commit (at ${commit.slice(0, 8)})` };
  }
  if (state === 'ready') return null;
  return { waiting: `${name}: ${message || 'Ready'}` };
}

/** Tells whether a commit contains ours; a commit not seen before is looked up in the mirror, and known at a later look. */
function descendantsOf(ours: string, repository: Repository): (commit: string) => boolean {
  const known = new Map<string, boolean>([[ours, true]]);
  const lookUp = async (commit: string): Promise<void> => {
    const isAncestor = async () =>
      (await repository.attempt(['merge-base', '--is-ancestor', ours, commit])).ok;
    const there = (await repository.attempt(['cat-file', '-e', commit])).ok;
    if (!there) await repository.fetch();
    known.set(commit, await isAncestor());
  };
  return (commit) => {
    if (commit === '') return false;
    const found = known.get(commit);
    if (found === undefined) {
      known.set(commit, false);
      lookUp(commit).catch(() => known.delete(commit));
    }
    return found ?? false;
  };
}
