/** Everything that preflight reads once and its checks then judge. */
import type { LeaseHolder } from '../../cluster/lease.ts';
import { readLease } from '../../cluster/lease.ts';
import type { LiveObject } from '../../cluster/objects.ts';
import { listFluxObjects, type Snapshot, takeSnapshotAtRest } from '../../cluster/snapshot.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Session } from '../session.ts';

export interface Look {
  session: Session;
  plan: ClusterPlan;
  snapshot: Snapshot;
  flux: LiveObject[];
  deployments: LiveObject[];
  lease: LeaseHolder | null;
}

/** @throws ClusterError */
export async function lookAtCluster(session: Session): Promise<Omit<Look, 'plan' | 'session'>> {
  const { cluster, namespace } = session;
  const snapshot = await takeSnapshotAtRest(cluster, namespace, 10_000);
  const [flux, deployments, lease] = await Promise.all([
    listFluxObjects(cluster),
    cluster.list('apps/v1', 'Deployment'),
    readLease(cluster, namespace),
  ]);
  return { snapshot, flux, deployments, lease };
}

export function findIn(
  objects: LiveObject[],
  kind: string,
  namespace: string,
  name: string,
): LiveObject | null {
  return (
    objects.find(
      (object) =>
        object.kind === kind && object.metadata.namespace === namespace && object.metadata.name === name,
    ) ?? null
  );
}
