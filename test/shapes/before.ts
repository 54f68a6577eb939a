/** What a cluster was before anyone touched it, and what must be so again after a way back. */
import type { Lab } from '../../lab/description.ts';
import { controllerSettings, type Kubectl, keptResources, keyOf, type LiveObject } from '../lab/kubectl.ts';
import { gitServer, headOf } from '../lab/person.ts';

export interface Before {
  /** Name of the cluster, and of its branch. */
  cluster: string;
  /** By `Kind namespace/name`. */
  uids: Map<string, string>;
  /** By `Kind namespace/name`: labels, annotations, finalizers, and the whole spec of a Flux object. */
  marks: Map<string, Marks>;
  settings: Awaited<ReturnType<typeof controllerSettings>>;
  head: string;
  /** Git's id of the branch's files. */
  tree: string;
  suspended: string[];
  /** Current ReplicaSet of each controller. */
  replicaSets: Map<string, string>;
  /** Field managers of each controller, without those of its status. */
  managers: Map<string, string>;
}

interface Marks {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  finalizers: string[];
  spec?: unknown;
}

export async function lookBefore(lab: Lab, kubectl: Kubectl, cluster = 'edge'): Promise<Before> {
  const [objects, settings, head, tree, suspended, replicaSets, managers] = await Promise.all([
    kubectl.list(keptResources.join(',')),
    controllerSettings(kubectl),
    headOf(lab, cluster),
    treeOf(lab, cluster),
    suspendedOf(kubectl),
    replicaSetsOf(kubectl),
    managersOf(kubectl),
  ]);
  const uids = new Map(objects.map((object) => [keyOf(object), object.metadata.uid]));
  const marks = new Map(objects.map((object) => [keyOf(object), marksOf(object)]));
  return { cluster, uids, marks, settings, head, tree, suspended, replicaSets, managers };
}

export function treeOf(lab: Lab, branch = 'edge'): Promise<string> {
  return gitServer(lab, 'rev-parse', `${branch}^{tree}`);
}

export async function suspendedOf(kubectl: Kubectl): Promise<string[]> {
  return (await kubectl.list('kustomizations.kustomize.toolkit.fluxcd.io'))
    .filter(({ spec }) => spec.suspend === true)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** The one ReplicaSet of each controller that has pods. */
export async function replicaSetsOf(kubectl: Kubectl): Promise<Map<string, string>> {
  const sets = (await kubectl.list('replicasets')).filter(
    ({ metadata, spec }) => metadata.namespace === 'flux-system' && spec.replicas > 0,
  );
  return new Map(
    sets
      .map(({ metadata }): [string, string] => [metadata.name.replace(/-[^-]+$/, ''), metadata.name])
      .filter(([controller]) => controller.endsWith('-controller')),
  );
}

export async function managersOf(kubectl: Kubectl): Promise<Map<string, string>> {
  const controllers = (await kubectl.list('deployments')).filter(
    ({ metadata }) => metadata.namespace === 'flux-system' && metadata.name.endsWith('-controller'),
  );
  return new Map(
    controllers.map(({ metadata }) => [
      metadata.name,
      // Once each: `kubectl scale` to what is there already splits the entry of whoever owns the replicas.
      [
        ...new Set(
          (metadata.managedFields ?? [])
            // What `flux bootstrap` itself had applied is the operator's after an adoption, and kustomize-controller's after a way back.
            .filter(({ subresource, manager }) => subresource === undefined && manager !== 'flux')
            .map(({ manager, operation }) => `${manager} ${operation}`),
        ),
      ]
        .toSorted()
        .join(', '),
    ]),
  );
}

/** Requests to reconcile, and the count of rollouts: both move with every run. */
const moving = /^(reconcile\.fluxcd\.io\/|deployment\.kubernetes\.io\/revision$)/;

function marksOf({ apiVersion, kind, metadata, spec }: LiveObject): Marks {
  // Two Kustomizations apply the namespace of Flux in the name of one manager: its marks are a matter of who came last.
  const ofWhoCameLast = kind === 'Namespace' && metadata.name === 'flux-system';
  const settled = (marks: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(marks).filter(([name]) => !ofWhoCameLast && !moving.test(name)));
  return {
    labels: settled(metadata.labels),
    annotations: settled(metadata.annotations),
    finalizers: metadata.finalizers ?? [],
    ...(/\.toolkit\.fluxcd\.io\//.test(apiVersion) ? { spec: spec as unknown } : {}),
  };
}
