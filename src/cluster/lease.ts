/** The Lease that names the run which drives a cluster, so that two runs can not. */
import type { Cluster } from './cluster.ts';
import { isClusterError } from './errors.ts';
import { field, type LiveObject, textField } from './objects.ts';
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

/** Seconds for which a renewal counts: whoever drives renews well within them, so that one that is older is nobody's any more. */
const duration = 60;

/** Milliseconds between two renewals by whoever drives. */
export const renewEvery = 20_000;

/** Between the name of a run and what drives it instead of its workflow. */
const driverMark = '+direct-';

export interface LeaseHolder {
  /** As written on the Lease: the run, or the run with what drives it instead of its workflow. */
  identity: string;
  run: string;
  /** Its workflow does not drive it (any more): a person does, from a command line. */
  direct: boolean;
  /** Annotations that say where the holder can be found: fleet, started by, Temporal address. */
  about: Record<string, string>;
  renewedAt: string;
  /** Milliseconds for which a renewal counts. */
  lasts: number;
}

/** The Lease is held by another run, or by nobody where it should be ours. */
export class LeaseNotOurs extends Error {
  override readonly name = 'LeaseNotOurs';
  /** Null when nobody holds it. */
  readonly holder: LeaseHolder | null;

  /** Who ought to hold it. */
  readonly identity: string;

  constructor(holder: LeaseHolder | null, identity: string) {
    super(
      holder
        ? `the Lease ${leaseName} is held by run ${holder.run}${holder.direct ? ', from a command line' : ''}`
        : `the Lease ${leaseName} is gone`,
    );
    this.holder = holder;
    this.identity = identity;
  }
}

/** How a command line that drives a run calls itself on the Lease. @param mark tells one command from another */
export function directIdentity(run: string, mark: string): string {
  return `${run}${driverMark}${mark}`;
}

/** Whether somebody renewed the Lease within its duration. @param now milliseconds since 1970 */
export function isFresh({ renewedAt, lasts }: LeaseHolder, now: number): boolean {
  return now - Date.parse(renewedAt) < lasts;
}

const annotationPrefix = 'flux-handover/';
const standAnnotation = `${annotationPrefix}stands-at`;

export function leaseReference(namespace: string): ObjectReference {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: leaseName };
}

export async function readLease(cluster: Cluster, namespace: string): Promise<LeaseHolder | null> {
  const lease = await cluster.find(leaseReference(namespace));
  return lease && holderOf(lease);
}

/**
 * Takes the Lease; again is the same as once.
 * @param from takes it from this holder, too, and from no other
 * @throws LeaseNotOurs | ClusterError
 */
export async function takeLease(
  cluster: Cluster,
  namespace: string,
  identity: string,
  about: Record<string, string>,
  from?: string,
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
  const spec = {
    holderIdentity: identity,
    leaseDurationSeconds: duration,
    acquireTime: now,
    renewTime: now,
  };
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
        const ours = holder?.identity === identity;
        if (holder && !ours && holder.identity !== from) throw new LeaseNotOurs(holder, identity);
        const { resourceVersion } = lease.metadata;
        await cluster.merge(reference, {
          // Where another run had brought the cluster says nothing about this one.
          metadata: {
            ...metadata,
            annotations: {
              ...metadata.annotations,
              ...(holder?.run === runOf(identity) ? {} : { [standAnnotation]: null }),
            },
            resourceVersion,
          },
          spec: ours ? { renewTime: now } : spec,
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
 * Proves that we still hold the Lease, and renews it.
 * @param stand is written down with it; without one, what stands there stays
 * @throws LeaseNotOurs | ClusterError
 */
export async function renewLease(
  cluster: Cluster,
  namespace: string,
  identity: string,
  stand?: Stand,
): Promise<void> {
  const reference = leaseReference(namespace);
  for (;;) {
    const lease = await cluster.find(reference);
    assertHolder(lease, identity);
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

/** Removes the Lease if it is held in this name; a Lease of another holder is left alone. */
export async function releaseLease(cluster: Cluster, namespace: string, identity: string): Promise<boolean> {
  const lease = await cluster.find(leaseReference(namespace));
  if (!lease || holderOf(lease)?.identity !== identity) return false;
  return cluster.remove(leaseReference(namespace), {
    uid: lease.metadata.uid,
    resourceVersion: lease.metadata.resourceVersion,
  });
}

/** @throws LeaseNotOurs */
export function assertHolder(lease: LiveObject | null, identity: string): asserts lease is LiveObject {
  const holder = lease && holderOf(lease);
  if (holder?.identity !== identity) throw new LeaseNotOurs(holder, identity);
}

/** As written on the Lease; null where nobody holds it. */
export function holderIdentityOf(lease: LiveObject | null): string | null {
  return (lease && textField(lease, 'spec', 'holderIdentity')) || null;
}

function runOf(identity: string): string {
  return identity.split(driverMark)[0] ?? identity;
}

/** Null where nobody holds it. */
function holderOf(lease: LiveObject): LeaseHolder | null {
  const identity = textField(lease, 'spec', 'holderIdentity');
  if (!identity) return null;
  const about = Object.entries(lease.metadata.annotations ?? {}).filter(
    ([key]) => key.startsWith(annotationPrefix) && key !== standAnnotation,
  );
  return {
    identity,
    run: runOf(identity),
    direct: identity.includes(driverMark),
    about: Object.fromEntries(about.map(([key, value]) => [key.slice(annotationPrefix.length), value])),
    renewedAt: textField(lease, 'spec', 'renewTime') ?? '',
    lasts: Number(field(lease, 'spec', 'leaseDurationSeconds') ?? duration) * 1000,
  };
}

/** Null where the Lease is not held in this name, or nothing has acted yet. Somebody may have edited it by hand: what can not be read is none. */
export function standOf(lease: LiveObject | null, identity: string): Stand | null {
  const text = lease?.metadata.annotations?.[standAnnotation];
  if (!lease || text === undefined || textField(lease, 'spec', 'holderIdentity') !== identity) return null;
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
