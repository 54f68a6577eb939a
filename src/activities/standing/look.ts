/** Looks at Git and at one cluster, to tell where it stands: reads only, and works without Git where it must. */
import { controllersIn, runsOperator } from '../../cluster/controller-set.ts';
import { readIdentity } from '../../cluster/identity.ts';
import { isFresh, readLease } from '../../cluster/lease.ts';
import { type LiveObject, nameOf } from '../../cluster/objects.ts';
import { isAppliedBy, marks, operatorManager } from '../../cluster/ownership.ts';
import { RepositoryError } from '../../repo/errors.ts';
import type { Repository } from '../../repo/repository.ts';
import { type CommittedStep, stepsOfRuns } from '../../repo/steps.ts';
import { recordInGit, recordOnCluster } from '../baseline.ts';
import { explain } from '../failure.ts';
import { notOrphaned } from '../legacy-owner.ts';
import { isDisabled, ownsDisable } from '../live-annotation.ts';
import type { RunRecord } from '../run-record.ts';
import type { Session } from '../session.ts';
import { conclude } from './conclude.ts';
import { runStates } from './run-state.ts';
import type { SeenController, SeenInstance, SeenLease, SeenOwner, Sighting } from './sighting.ts';
import type { Standing } from './standing.ts';

const operatorGroup = 'fluxcd.controlplane.io';
/** Kinds by which people use Flux Operator beside the instance. */
const builtKinds = ['ResourceSet', 'ResourceSetInputProvider'];

type Looking = Pick<
  Session,
  'cluster' | 'namespace' | 'repository' | 'settings' | 'input' | 'redact' | 'progress'
>;

/** Where the cluster stands. A Git that does not answer is part of the answer. @throws ClusterError */
export async function standing(session: Looking): Promise<Standing> {
  session.progress('looking where the cluster stands');
  return conclude(await look(session));
}

async function look(session: Looking): Promise<Sighting> {
  const { cluster, namespace, settings, input } = session;
  const [{ clusterUid }, lease, onCluster, git, instances, deployments, builtOnOperator] = await Promise.all([
    readIdentity(cluster),
    seenLease(session),
    recordOnCluster(session),
    readGit(session),
    seenInstances(session),
    cluster.list('apps/v1', 'Deployment'),
    seenBuilt(session),
  ]);
  const runs = [
    ...runStates(git.steps ?? [])
      .map(({ run }) => run)
      .toReversed(),
    ...(lease ? [lease.run] : []),
  ];
  const inGit = git.repository ? await recordsOf(git.repository, input.cluster, runs, onCluster) : [];
  const records = [...(onCluster ? [onCluster] : []), ...inGit];
  const inForce = runStates(git.steps ?? []).findLast((state) => state.inForce.length > 0)?.run;
  const atHand = records.find(({ run }) => run === (inForce ?? lease?.run ?? runs[0])) ?? records[0];
  return {
    cluster: input.cluster,
    branch: settings.branch,
    context: settings.context,
    namespace,
    clusterUid,
    lease,
    records,
    steps: git.steps,
    gitTrouble: git.trouble,
    instances,
    operators: deployments.filter(runsOperator).map(placeOf),
    owner: atHand ? await seenOwner(session, atHand) : null,
    controllers: seenControllers(deployments, namespace),
    builtOnOperator,
  };
}

async function seenLease({ cluster, namespace }: Looking): Promise<SeenLease | null> {
  const lease = await readLease(cluster, namespace);
  if (!lease) return null;
  const { identity, run, direct, about, renewedAt } = lease;
  return { identity, run, direct, about, renewedAt, fresh: isFresh(lease, Date.now()) };
}

/** @throws what is no matter of Git being away */
async function readGit(looking: Looking): Promise<{
  repository: Repository | null;
  steps: CommittedStep[] | null;
  trouble: Sighting['gitTrouble'];
}> {
  const { settings, input, redact, namespace } = looking;
  try {
    const opened = await looking.repository();
    await opened.fetch();
    const steps = await stepsOfRuns(opened, settings.branch, input.cluster);
    return { repository: opened, steps, trouble: null };
  } catch (error) {
    if (!(error instanceof RepositoryError) || !['unreachable', 'forbidden'].includes(error.kind))
      throw error;
    const { finding } = explain(error, { cluster: input.cluster, context: settings.context, namespace });
    return { repository: null, steps: null, trouble: { ...finding, what: redact(finding.what) } };
  }
}

/** What the runs left in Git, except for the one whose record the cluster holds itself. */
async function recordsOf(
  repository: Repository,
  cluster: string,
  runs: string[],
  known: RunRecord | null,
): Promise<RunRecord[]> {
  const wanted = [...new Set(runs)].filter((run) => run !== known?.run).slice(0, 10);
  const found = await Promise.all(wanted.map((run) => recordInGit(repository, { run, cluster })));
  return found.filter((record) => record !== null);
}

async function seenInstances({ cluster }: Looking): Promise<SeenInstance[]> {
  const apiVersion = await cluster.discovery.preferredVersion(operatorGroup);
  const instances = apiVersion ? await listed(cluster, apiVersion, 'FluxInstance') : [];
  return instances.map((instance) => ({
    name: placeOf(instance),
    enabled: !isDisabled(instance),
    disabledByUs: isDisabled(instance) && ownsDisable(instance),
    deleting: instance.metadata.deletionTimestamp !== undefined,
  }));
}

async function seenBuilt({ cluster }: Looking): Promise<string[]> {
  const apiVersion = await cluster.discovery.preferredVersion(operatorGroup);
  if (!apiVersion) return [];
  const lists = await Promise.all(builtKinds.map((kind) => listed(cluster, apiVersion, kind)));
  return lists.flat().map((object) => `${object.kind} ${placeOf(object)}`);
}

async function seenOwner({ cluster }: Looking, { owner, shape }: RunRecord): Promise<SeenOwner | null> {
  if (!owner) return null;
  const live = await cluster.find(owner);
  return {
    name: nameOf(owner),
    there: live !== null,
    lacksOrphaned: live && shape !== 'flux-bootstrap' ? notOrphaned(live) : '',
    deleting: live?.metadata.deletionTimestamp !== undefined,
  };
}

function seenControllers(deployments: LiveObject[], namespace: string): SeenController[] {
  const names = new Set(
    controllersIn(deployments)
      .filter((controller) => controller.namespace === namespace && controller.shard === '')
      .map(({ name }) => name),
  );
  return deployments
    .filter(({ metadata }) => metadata.namespace === namespace && names.has(metadata.name))
    .map((deployment) => ({
      name: deployment.metadata.name,
      adopted:
        isAppliedBy(deployment, operatorManager) ||
        deployment.metadata.annotations?.[marks.serverSideApply] !== undefined,
    }));
}

/** A kind that is not served (yet, or any more) has no objects. */
async function listed(cluster: Session['cluster'], apiVersion: string, kind: string): Promise<LiveObject[]> {
  const served = await cluster.discovery.resourcesOfGroups(operatorGroup);
  return served.some((resource) => resource.kind === kind) ? cluster.list(apiVersion, kind) : [];
}

function placeOf({ metadata }: LiveObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
