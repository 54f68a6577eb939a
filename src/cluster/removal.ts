/** What left a cluster because somebody took it out of Git meanwhile, and what comes and goes with its controller. Pure. */
import { kustomizationKey, type ObjectRecord } from './record.ts';

/** What an applier (Kustomization, HelmRelease) says of itself now. */
export interface Applier {
  ready: boolean;
  revision: string;
  /** Keys of what it manages; null where it keeps no inventory (helm-controller before Flux 2.8). */
  inventory: ReadonlySet<string> | null;
}

const releaseKind = 'HelmRelease.helm.toolkit.fluxcd.io';

/** Key of the Kustomization or HelmRelease that applied an object; null when none did. */
function applierKeyOf({ owner, release }: ObjectRecord): string | null {
  if (owner) return kustomizationKey(owner);
  return release ? `${releaseKind}/${release}` : null;
}

function isRelease(key: string): boolean {
  return key.startsWith(`${releaseKind}/`);
}

/**
 * Whether the object left with its applier's next revision: that one lives on, is Ready at another revision and no longer lists it; or
 * its applier left in this way itself, and took along what it had applied. Never granted to what a handover must keep: definitions,
 * namespaces, volume claims, what runs in Flux's own namespace.
 * @param before objects of the baseline, by key
 * @param applierNow what stands under a key now; null when it is gone
 */
export function removedThroughGit(
  key: string,
  before: Readonly<Record<string, ObjectRecord>>,
  namespace: string,
  applierNow: (key: string) => Applier | null,
): boolean {
  const record = before[key];
  if (!record || isKept(record, namespace)) return false;
  const applierKey = applierKeyOf(record);
  const applierBefore = applierKey === null ? undefined : before[applierKey];
  if (applierKey === null || !applierBefore) return false;
  const now = applierNow(applierKey);
  if (!now) return removedThroughGit(applierKey, before, namespace, applierNow);
  if (!now.ready || now.inventory?.has(key)) return false;
  const isNext = now.revision !== applierBefore.revision;
  // Values alone may take an object out of a release: then its chart is the same as before.
  return isRelease(applierKey) ? isNext || now.inventory !== null : isNext && now.inventory !== null;
}

function isKept(record: ObjectRecord, fluxNamespace: string): boolean {
  const { kind } = record.reference;
  return kind === 'Namespace' || kind === 'PersistentVolumeClaim' || isIndispensable(record, fluxNamespace);
}

/**
 * Made by another object's controller (an operator's StatefulSet, a backup's volume claim), not by Flux: it comes and goes as that one
 * says, and what Flux applied is judged by itself.
 */
export function comesAndGoes({ controlled, owner, release }: ObjectRecord): boolean {
  return controlled && !owner && !release;
}

/** Nothing that a person's word may pass over: without these Flux is not what it was, whatever the reason. */
export function isIndispensable(
  { reference: { kind, namespace, name } }: ObjectRecord,
  fluxNamespace: string,
): boolean {
  return (
    kind === 'CustomResourceDefinition' ||
    (kind === 'Namespace' && name === fluxNamespace) ||
    (kind === 'Deployment' && namespace === fluxNamespace)
  );
}
