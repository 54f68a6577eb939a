/** First aid: stops at once what could do harm, with a field manager of its own, so that it can be lifted again. Safe to repeat. */
import type { Cluster } from '../../cluster/cluster.ts';
import { field, listField, type LiveObject, nameOf, textField } from '../../cluster/objects.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { disableLive } from '../live-annotation.ts';
import type { Session } from '../session.ts';
import { aidManager, aidMark, type Before, scalingOf, suspensionOf } from './aid-mark.ts';
import type { Aid } from './fault.ts';

/** Suspensions under way at the same time: an API server that is asked for hundreds at once answers all of them late. */
const lanes = 16;

/** What was done, in one line each, and after how long. Milliseconds. */
export interface Given {
  done: string[];
  after: number;
}

/**
 * What stops the worst is not kept waiting by the suspensions.
 * @param aids by key, see `mergedAids`
 * @returns by the same keys; what could not be done is said, not thrown: the rest of the aid must go on
 */
export async function giveAid(session: Session, aids: Map<string, Aid>): Promise<Map<string, Given>> {
  const begin = Date.now();
  const given = new Map<string, Given>();
  const one = async ([key, aid]: [string, Aid]): Promise<void> => {
    const done = await give(session, aid).catch((error: Error) => {
      session.signal.throwIfAborted();
      return [`could not ${aid.do.replaceAll('-', ' ')} ${nameOf(aid.object)}: ${error.message}`];
    });
    given.set(key, { done, after: Date.now() - begin });
  };
  const isSuspension = ([, aid]: [string, Aid]): boolean => aid.do === 'suspend';
  const waiting = [...aids].filter(isSuspension);
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await one(next);
  };
  const urgent = [...aids].filter((each) => !isSuspension(each)).map(one);
  await Promise.all([...urgent, ...Array.from({ length: lanes }, lane)]);
  return given;
}

async function give(session: Session, aid: Aid): Promise<string[]> {
  const { cluster } = session;
  const name = nameOf(aid.object);
  if (aid.do === 'stop-operator') return stopOperator(cluster, aid.object);
  if (aid.do === 'disable-instance')
    return (await disableLive(session, aid.object)) ? [`disabled ${name}`] : [];
  if (aid.do === 'suspend')
    return (await patchWhere(cluster, aid.object, (live) => suspensionOf(live, aid)))
      ? [`suspended ${name}`]
      : [];
  return (await scaleDown(cluster, aid.object)) ? [`scaled ${name} to nothing`] : [];
}

/** False where there was nothing to do. */
async function patchWhere(
  cluster: Cluster,
  reference: ObjectReference,
  patchOf: (live: LiveObject) => Record<string, unknown> | null,
): Promise<boolean> {
  const live = await cluster.find(reference);
  const patch = live && patchOf(live);
  if (!patch) return false;
  await cluster.merge(reference, patch, aidManager);
  return true;
}

function scaleDown(cluster: Cluster, reference: ObjectReference): Promise<boolean> {
  return patchWhere(cluster, reference, scalingOf);
}

/**
 * Flux Operator reads the annotation once, when it begins to uninstall, so what it has begun ends only with itself. Its rights go
 * first: the API server then refuses its next request, while a pod still has to be ended by its node.
 */
async function stopOperator(cluster: Cluster, reference: ObjectReference): Promise<string[]> {
  const operator = await cluster.find(reference);
  if (!operator) return [];
  const account = textField(operator, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default';
  const [bindings, scaled, pods] = await Promise.all([
    takeRights(cluster, operator.metadata.namespace ?? '', account),
    scaleDown(cluster, reference),
    endPods(cluster, operator),
  ]);
  return [
    ...bindings.map((name) => `took the rights of ServiceAccount ${account} from ClusterRoleBinding ${name}`),
    ...(scaled ? [`scaled ${nameOf(reference)} to nothing`] : []),
    ...(pods > 0 ? [`ended ${pods} pods of ${nameOf(reference)}`] : []),
  ];
}

async function takeRights(cluster: Cluster, namespace: string, account: string): Promise<string[]> {
  const isIt = (subject: unknown): boolean =>
    textField(subject, 'kind') === 'ServiceAccount' &&
    textField(subject, 'name') === account &&
    textField(subject, 'namespace') === namespace;
  const bindings = (await cluster.list('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding')).filter(
    (binding) => listField(binding, 'subjects').some(isIt),
  );
  await Promise.all(
    bindings.map((binding) => {
      const subjects = listField(binding, 'subjects');
      return cluster.merge(
        bindingReference(binding.metadata.name),
        {
          metadata: { annotations: { [aidMark]: JSON.stringify({ subjects } satisfies Before) } },
          subjects: subjects.filter((subject) => !isIt(subject)),
        },
        aidManager,
      );
    }),
  );
  return bindings.map(({ metadata }) => metadata.name);
}

function bindingReference(name: string): ObjectReference {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', namespace: '', name };
}

/** @returns how many */
async function endPods(cluster: Cluster, deployment: LiveObject): Promise<number> {
  const pods = await podsOf(cluster, deployment);
  await Promise.all(
    pods.map(({ metadata }) =>
      cluster.remove(
        { apiVersion: 'v1', kind: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name },
        { uid: metadata.uid },
        1,
      ),
    ),
  );
  return pods.length;
}

export function podsOf(cluster: Cluster, deployment: LiveObject): Promise<LiveObject[]> {
  const labels = (field(deployment, 'spec', 'selector', 'matchLabels') ?? {}) as Record<string, string>;
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return cluster.list('v1', 'Pod', {
    namespace: deployment.metadata.namespace,
    labelSelector,
    metadataOnly: true,
  });
}
