/** First aid: stops at once what could do harm, with a field manager of its own, so that it can be lifted again. Safe to repeat. */
import type { Cluster } from '../../cluster/cluster.ts';
import { field, listField, type LiveObject, nameOf, textField } from '../../cluster/objects.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { disableLive } from '../live-annotation.ts';
import type { Session } from '../session.ts';
import type { Aid } from './fault.ts';

/** Field manager of the first aid alone. */
export const aidManager = 'flux-handover-first-aid';
/** Annotation that keeps, as JSON, what was there before. */
export const aidMark = 'flux-handover/first-aid';
/** kustomize-controller neither applies nor collects an object that bears it (its ExclusionSelector). */
export const shieldMark = 'kustomize.toolkit.fluxcd.io/reconcile';

/** What the mark of an object holds. */
export interface Before {
  suspend?: boolean | 'keep';
  shield?: boolean;
  replicas?: number;
  subjects?: unknown[];
}

/**
 * @returns what was done, in one line each; what could not be done is said, not thrown: the rest of the aid must go on
 */
export async function giveAid(session: Session, aids: Aid[]): Promise<string[]> {
  const done = await Promise.all(
    aids.map(async (aid) => {
      try {
        return await give(session, aid);
      } catch (error) {
        session.signal.throwIfAborted();
        return [
          `could not ${aid.do.replaceAll('-', ' ')} ${nameOf(aid.object)}: ${(error as Error).message}`,
        ];
      }
    }),
  );
  return done.flat();
}

async function give(session: Session, aid: Aid): Promise<string[]> {
  const { cluster } = session;
  const name = nameOf(aid.object);
  if (aid.do === 'stop-operator') return stopOperator(cluster, aid.object);
  if (aid.do === 'disable-instance')
    return (await disableLive(session, aid.object)) ? [`disabled ${name}`] : [];
  if (aid.do === 'suspend')
    return (await suspend(cluster, aid.object, aid.keep, aid.shield)) ? [`suspended ${name}`] : [];
  return (await scaleDown(cluster, aid.object)) ? [`scaled ${name} to nothing`] : [];
}

async function suspend(
  cluster: Cluster,
  reference: ObjectReference,
  keep: boolean,
  shield: boolean,
): Promise<boolean> {
  const live = await cluster.find(reference);
  if (!live || beforeOf(live)) return false;
  const was = field(live, 'spec', 'suspend') === true;
  // Suspended by somebody else already, and nobody takes that back: nothing to do.
  if (was && !keep) return false;
  const before: Before = { suspend: keep ? 'keep' : was, shield };
  const harmless =
    reference.kind === 'Kustomization' && keep ? { prune: false, deletionPolicy: 'Orphan' } : {};
  await cluster.merge(
    reference,
    {
      metadata: {
        annotations: { [aidMark]: JSON.stringify(before), ...(shield ? { [shieldMark]: 'disabled' } : {}) },
      },
      spec: { suspend: true, ...harmless },
    },
    aidManager,
  );
  return true;
}

async function scaleDown(cluster: Cluster, reference: ObjectReference): Promise<boolean> {
  const live = await cluster.find(reference);
  if (!live || beforeOf(live)) return false;
  const replicas = Number(field(live, 'spec', 'replicas') ?? 1);
  await cluster.merge(
    reference,
    { metadata: { annotations: { [aidMark]: JSON.stringify({ replicas }) } }, spec: { replicas: 0 } },
    aidManager,
  );
  return true;
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

/** Null where no first aid was given to the object. */
export function beforeOf(live: LiveObject): Before | null {
  const text = live.metadata.annotations?.[aidMark];
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as Before;
  } catch {
    // Edited by hand: then the person also knows what was there.
    return {};
  }
}
