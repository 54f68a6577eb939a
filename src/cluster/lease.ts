/** The Lease that names the run which drives a cluster, so that two runs can not. */
import type { Cluster } from './cluster.ts';
import { isClusterError } from './errors.ts';
import { type LiveObject, textField } from './objects.ts';
import type { PhaseName } from '../plan/phases.ts';
import type { ObjectReference } from '../plan/types.ts';

export const leaseName = 'flux-handover';

/** Where the run has brought the cluster: written before a step acts and after it is done, so that a watcher knows what must hold. */
export interface Stand {
  phase: PhaseName;
  way: 'forward' | 'back';
  /** The step of this phase is changing things now, or was interrupted while it did. */
  acting: boolean;
  /** ISO time. */
  since: string;
}

export interface LeaseHolder {
  run: string;
  /** Annotations that say where the holder can be found: fleet, started by, Temporal address. */
  about: Record<string, string>;
  renewedAt: string;
}

/** The Lease is held by another run, or by nobody where it should be ours. */
export class LeaseNotOurs extends Error {
  override readonly name = 'LeaseNotOurs';
  /** Null when nobody holds it. */
  readonly holder: LeaseHolder | null;

  /** The run that ought to hold it. */
  readonly run: string;

  constructor(holder: LeaseHolder | null, run: string) {
    super(holder ? `the Lease ${leaseName} is held by run ${holder.run}` : `the Lease ${leaseName} is gone`);
    this.holder = holder;
    this.run = run;
  }
}

const annotationPrefix = 'flux-handover/';
const standAnnotation = `${annotationPrefix}stands-at`;

function leaseReference(namespace: string): ObjectReference {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: leaseName };
}

export async function readLease(cluster: Cluster, namespace: string): Promise<LeaseHolder | null> {
  const lease = await cluster.find(leaseReference(namespace));
  return lease && holderOf(lease);
}

/** Takes the Lease for a run; again is the same as once. @throws LeaseNotOurs | ClusterError */
export async function takeLease(
  cluster: Cluster,
  namespace: string,
  run: string,
  about: Record<string, string>,
): Promise<void> {
  const reference = leaseReference(namespace);
  const now = moment();
  const metadata = {
    name: leaseName,
    namespace,
    annotations: Object.fromEntries(
      Object.entries(about).map(([key, value]) => [annotationPrefix + key, value]),
    ),
  };
  const spec = { holderIdentity: run, acquireTime: now, renewTime: now };
  for (;;) {
    const lease = await cluster.find(reference);
    try {
      if (!lease)
        await cluster.create({
          apiVersion: reference.apiVersion,
          kind: reference.kind,
          metadata,
          spec,
        } as unknown as LiveObject);
      else {
        const holder = holderOf(lease);
        if (holder && holder.run !== run) throw new LeaseNotOurs(holder, run);
        const { resourceVersion } = lease.metadata;
        await cluster.merge(reference, {
          metadata: { ...metadata, resourceVersion },
          spec: holder ? { renewTime: now } : spec,
        });
      }
      return;
    } catch (error) {
      // Somebody else wrote between our look and our write: look again.
      if (!isClusterError(error, 'conflict')) throw error;
    }
  }
}

/**
 * Proves that the run still holds the Lease, and renews it.
 * @param stand is written down with it; without one, what stands there stays
 * @throws LeaseNotOurs | ClusterError
 */
export async function renewLease(
  cluster: Cluster,
  namespace: string,
  run: string,
  stand?: Stand,
): Promise<void> {
  const reference = leaseReference(namespace);
  for (;;) {
    const lease = await cluster.find(reference);
    const holder = lease && holderOf(lease);
    if (!lease || holder?.run !== run) throw new LeaseNotOurs(holder, run);
    try {
      await cluster.merge(reference, {
        metadata: {
          resourceVersion: lease.metadata.resourceVersion,
          ...(stand ? { annotations: { [standAnnotation]: JSON.stringify(stand) } } : {}),
        },
        spec: { renewTime: moment() },
      });
      return;
    } catch (error) {
      if (!isClusterError(error, 'conflict')) throw error;
    }
  }
}

/** Removes the Lease if the run holds it; a Lease of another run is left alone. */
export async function releaseLease(cluster: Cluster, namespace: string, run: string): Promise<boolean> {
  const lease = await cluster.find(leaseReference(namespace));
  if (!lease || holderOf(lease)?.run !== run) return false;
  return cluster.remove(leaseReference(namespace), {
    uid: lease.metadata.uid,
    resourceVersion: lease.metadata.resourceVersion,
  });
}

function holderOf(lease: LiveObject): LeaseHolder | null {
  const run = textField(lease, 'spec', 'holderIdentity');
  if (!run) return null;
  const about = Object.entries(lease.metadata.annotations ?? {}).filter(
    ([key]) => key.startsWith(annotationPrefix) && key !== standAnnotation,
  );
  return {
    run,
    about: Object.fromEntries(about.map(([key, value]) => [key.slice(annotationPrefix.length), value])),
    renewedAt: textField(lease, 'spec', 'renewTime') ?? '',
  };
}

/** Null where this run does not hold the Lease, or has not acted yet. Somebody may have edited it by hand: what can not be read is none. */
export function standOf(lease: LiveObject | null, run: string): Stand | null {
  const text = lease?.metadata.annotations?.[standAnnotation];
  if (!lease || text === undefined || textField(lease, 'spec', 'holderIdentity') !== run) return null;
  try {
    return JSON.parse(text) as Stand;
  } catch {
    return null;
  }
}

/** MicroTime, as Leases want it. */
function moment(): string {
  return new Date().toISOString().replace(/Z$/, '000Z');
}
