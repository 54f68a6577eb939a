/** What must hold before every write: it is the planned cluster, the run holds its Lease, the branch is as planned. */
import { readIdentity } from '../cluster/identity.ts';
import { renewLease, type Stand } from '../cluster/lease.ts';
import { commitFiles, type CommitResult } from '../repo/commit.ts';
import { clusterTrailer, runTrailer, stepTrailer } from '../repo/steps.ts';
import type { FileChange } from '../plan/types.ts';
import { failure, refusal } from './failure.ts';
import { assertPlanHolds } from './planned.ts';
import type { Session } from './session.ts';

/** @throws WrongCluster */
export async function assertIdentity(session: Session): Promise<string> {
  const { input, settings, cluster } = session;
  const { clusterUid } = await readIdentity(cluster);
  for (const expected of [input.clusterUid, settings.uid])
    if (expected && expected !== clusterUid) throw wrongCluster(session, clusterUid, expected);
  return clusterUid;
}

function wrongCluster({ input, settings, cluster }: Session, found: string, expected: string): Error {
  return failure('WrongCluster', [
    refusal(
      'wrong-cluster',
      `behind context ${settings.context} (${cluster.connection.server}) is the cluster with kube-system UID ${found}, but ${input.cluster} has UID ${expected}`,
      'the steps of one cluster on another would take its Flux apart',
      `make context ${settings.context} point at ${input.cluster} (kubectl config get-contexts), then retry`,
    ),
  ]);
}

/** Identity and Lease, side by side; the Lease is renewed. @throws WrongCluster | LockHeld */
export async function guard(session: Session): Promise<void> {
  await Promise.all([
    assertIdentity(session),
    renewLease(session.cluster, session.namespace, session.holder),
  ]);
}

/** Writes onto the Lease where the run has brought the cluster, for the watch. @throws LockHeld */
export async function markStand(session: Session, stand: Omit<Stand, 'since'>): Promise<void> {
  await renewLease(session.cluster, session.namespace, session.holder, {
    ...stand,
    since: new Date().toISOString(),
  });
}

export interface StepCommit {
  /** Name in the trailer: the phase, or `undo-<phase>`. */
  step: string;
  message: string;
  files: Pick<FileChange, 'path' | 'before' | 'after'>[];
  /** Compensations bring back what was there, whatever the rest of the branch became meanwhile, and keep what others changed. */
  checkPlan: boolean;
  /** The mirror was brought up to date a moment ago. */
  fetched?: boolean;
}

/** Puts one step on the branch, behind all guards. Done before is done. @throws PlanChanged | Refused | Forbidden | Unreachable */
export async function commitStep(
  session: Session,
  { step, message, files, checkPlan, fetched }: StepCommit,
): Promise<CommitResult> {
  const { input, settings } = session;
  const { author, signing } = input.config.repository;
  session.progress(`committing ${step} to branch ${settings.branch}`);
  // Minutes may have passed since the step began, and somebody may have taken the cluster over.
  await renewLease(session.cluster, session.namespace, session.holder);
  return commitFiles({
    repository: await session.repository(),
    branch: settings.branch,
    changes: files,
    message,
    trailers: { [runTrailer]: input.run, [clusterTrailer]: input.cluster, [stepTrailer]: step },
    author,
    signing,
    keepOthers: !checkPlan,
    fetched,
    guard: checkPlan ? (tree) => assertPlanHolds(session, tree) : undefined,
  });
}
