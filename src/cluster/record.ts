/** What a snapshot remembers of one object. Pure. */
import type { ObjectReference } from '../plan/types.ts';
import { type Health, healthOf, isSuspended, revisionOf, rolloutMissing } from './health.ts';
import { field, type LiveObject, referenceOf, textField } from './objects.ts';
import { managersOf, marks } from './ownership.ts';

/** What is remembered of one object. */
export interface ObjectRecord {
  reference: ObjectReference;
  uid: string;
  /** Set on Flux objects (its Ready condition) and on workloads (its rollout). */
  health: Health | null;
  suspended: boolean;
  revision: string;
  /** Revision of the source, on Kustomizations only: what `revision` ought to be. */
  wantedRevision: string;
  /** `namespace/name` of the Kustomization that applied it, empty when none did. */
  owner: string;
  managers: string[];
  deleting: boolean;
}

export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/**
 * Annotation of an object that was put back after it had been taken away: the UID of the one it stands for. It outlives the run, as the
 * baseline does: what is judged afterwards, or once more because a way back was interrupted at its very end, needs it still.
 */
export const standsForMark = 'flux-handover/stands-for';

export function identityOf({ metadata }: LiveObject): string {
  return metadata.annotations?.[standsForMark] ?? metadata.uid;
}

/** @param sources revisions by `Kind/namespace/name` */
export function recordOf(object: LiveObject, sources: Map<string, string>): ObjectRecord {
  const { metadata } = object;
  const labels = metadata.labels ?? {};
  const isFlux = object.apiVersion.includes('fluxcd');
  const isWorkload = (workloadKinds as readonly string[]).includes(object.kind);
  const missing = isWorkload ? rolloutMissing(object) : '';
  return {
    reference: referenceOf(object),
    uid: identityOf(object),
    health: isFlux
      ? healthOf(object)
      : isWorkload
        ? { state: missing ? 'progressing' : 'ready', reason: '', message: missing }
        : null,
    suspended: isFlux && isSuspended(object),
    revision: isFlux ? revisionOf(object) : '',
    wantedRevision: object.kind === 'Kustomization' ? (sources.get(sourceKeyOf(object)) ?? '') : '',
    owner: labels[marks.kustomizationName]
      ? `${labels[marks.kustomizationNamespace] ?? ''}/${labels[marks.kustomizationName]}`
      : '',
    managers: managersOf(object),
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

/** `Kind/namespace/name` of a Kustomization's source. */
export function sourceKeyOf(kustomization: LiveObject): string {
  const reference = field(kustomization, 'spec', 'sourceRef');
  return `${textField(reference, 'kind')}/${textField(reference, 'namespace') ?? kustomization.metadata.namespace}/${textField(reference, 'name')}`;
}
