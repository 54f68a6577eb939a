/** A picture of a cluster for later comparison: identities, owners, versions and health, and never a Secret's value. */
import type { Cluster } from './cluster.ts';
import { type ControllerRecord, controllersIn } from './controller-set.ts';
import { isClusterError } from './errors.ts';
import { revisionOf } from './health.ts';
import { inventoryOf } from './inventory.ts';
import { readIdentity } from './identity.ts';
import { field, keyOf, type LiveObject, nameOf, referenceOf, textField } from './objects.ts';
import { type ObjectRecord, recordOf, workloadKinds } from './record.ts';
import { canonicalJson, sha256 } from '../plan/digest.ts';

export interface Snapshot {
  /** ISO time. */
  takenAt: string;
  clusterUid: string;
  kubernetesVersion: string;
  /** The controllers' namespace. */
  namespace: string;
  /** By `Kind.group/namespace/name`: Flux objects, their CRDs, namespaces, volume claims and workloads. */
  objects: Record<string, ObjectRecord>;
  controllers: ControllerRecord[];
  /** Name of the current ReplicaSet of each controller, by Deployment name: the pod template's hash is its end. */
  replicaSets: Record<string, string>;
  /** Holder of each leader-election Lease, by `namespace/name`. */
  leaders: Record<string, string>;
  /** UIDs of the Secrets in the controllers' namespace, by name. */
  secrets: Record<string, string>;
  /** Digests of the ConfigMaps in the controllers' namespace, by name. */
  configMaps: Record<string, string>;
  /** What each Kustomization and FluxInstance manages, by `Kind namespace/name`: keys as in `objects`. */
  inventories: Record<string, string[]>;
}

const fluxCrd = /\.(toolkit|extensions)\.fluxcd\.io$/;

/** Reads everything side by side; about twenty requests. @throws ClusterError */
export async function takeSnapshot(cluster: Cluster, namespace: string): Promise<Snapshot> {
  const listed = (apiVersion: string, kind: string, options = {}) => cluster.list(apiVersion, kind, options);
  const [identity, flux, crds, namespaces, claims, replicaSets, leases, secrets, configMaps, ...workloads] =
    await Promise.all([
      readIdentity(cluster),
      listFluxObjects(cluster),
      listed('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { metadataOnly: true }),
      listed('v1', 'Namespace', { metadataOnly: true }),
      listed('v1', 'PersistentVolumeClaim', { metadataOnly: true }),
      listed('apps/v1', 'ReplicaSet', { namespace }),
      listed('coordination.k8s.io/v1', 'Lease', { namespace }),
      listed('v1', 'Secret', { namespace, metadataOnly: true }),
      listed('v1', 'ConfigMap', { namespace }),
      ...workloadKinds.map((kind) => listed('apps/v1', kind)),
    ]);
  const sources = new Map(
    flux.map((object) => [
      `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`,
      revisionOf(object),
    ]),
  );
  const all = [
    ...flux,
    ...crds.filter(({ metadata }) => fluxCrd.test(metadata.name)),
    ...namespaces,
    ...claims,
    ...workloads.flat(),
  ];
  const controllers = controllersIn(workloads[0] ?? []);
  return {
    takenAt: new Date().toISOString(),
    ...identity,
    namespace,
    objects: Object.fromEntries(
      all
        .map((object): [string, ObjectRecord] => [keyOf(referenceOf(object)), recordOf(object, sources)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    controllers,
    replicaSets: Object.fromEntries(
      controllers.map(({ name, uid }) => [name, currentReplicaSet(replicaSets, uid)]),
    ),
    leaders: Object.fromEntries(
      leases
        .filter(({ metadata }) => metadata.name.endsWith('-leader-election'))
        .map((lease) => [
          `${lease.metadata.namespace}/${lease.metadata.name}`,
          textField(lease, 'spec', 'holderIdentity') ?? '',
        ]),
    ),
    secrets: Object.fromEntries(secrets.map(({ metadata }) => [metadata.name, metadata.uid])),
    configMaps: Object.fromEntries(
      configMaps
        .filter(({ metadata }) => !metadata.name.startsWith('flux-handover'))
        .map((map) => [
          map.metadata.name,
          sha256(canonicalJson({ data: map['data'] ?? {}, binaryData: map['binaryData'] ?? {} })),
        ]),
    ),
    inventories: Object.fromEntries(
      flux
        .filter((object) => field(object, 'status', 'inventory'))
        .map((object) => [nameOf(referenceOf(object)), inventoryOf(object).map(keyOf).sort()]),
    ),
  };
}

/**
 * A snapshot in which no Flux object is in the middle of a reconciliation, so that a passing state is not taken for how things are;
 * the last look if they do not come to rest within the patience.
 * @param patience milliseconds
 */
export async function takeSnapshotAtRest(
  cluster: Cluster,
  namespace: string,
  patience: number,
): Promise<Snapshot> {
  const until = Date.now() + patience;
  for (;;) {
    const snapshot = await takeSnapshot(cluster, namespace);
    const moving = Object.values(snapshot.objects).some(
      ({ health, reference }) => health?.state === 'progressing' && reference.apiVersion.includes('fluxcd'),
    );
    if (!moving || Date.now() > until) return snapshot;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Every object of the Flux and Flux Operator APIs in the cluster. */
export async function listFluxObjects(cluster: Cluster): Promise<LiveObject[]> {
  const resources = (
    await Promise.all([
      cluster.discovery.resourcesOfGroups('.fluxcd.io'),
      cluster.discovery.resourcesOfGroups('fluxcd.controlplane.io'),
    ])
  ).flat();
  const lists = resources.map(({ apiVersion, kind }) =>
    cluster.list(apiVersion, kind).catch((error: unknown) => {
      // A CRD that is being removed is served by discovery for a moment longer.
      if (isClusterError(error, 'not-found')) return [];
      throw error;
    }),
  );
  return (await Promise.all(lists)).flat();
}

function currentReplicaSet(replicaSets: LiveObject[], deploymentUid: string): string {
  const revision = (set: LiveObject) =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  const owned = replicaSets.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === deploymentUid),
  );
  return owned.sort((a, b) => revision(b) - revision(a))[0]?.metadata.name ?? '';
}
