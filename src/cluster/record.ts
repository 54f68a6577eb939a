/** What a snapshot remembers of one object. Pure. */
import type { ObjectReference } from '../plan/types.ts';
import { type Health, healthOf, isSuspended, revisionOf, rolloutMissing } from './health.ts';
import { field, listField, type LiveObject, referenceOf, textField } from './objects.ts';
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
  /** `namespace/name` of the HelmRelease that applied it, empty when none did. */
  release: string;
  /** Another object's controller made it (an owner reference with `controller: true`). */
  controlled: boolean;
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
    owner: namedBy(labels, marks.kustomizationNamespace, marks.kustomizationName),
    release: namedBy(labels, marks.releaseNamespace, marks.releaseName),
    controlled: listField(object, 'metadata', 'ownerReferences').some(
      (reference) => field(reference, 'controller') === true,
    ),
    managers: managersOf(object),
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

/** Key of a Kustomization. @param name `namespace/name` */
export function kustomizationKey(name: string): string {
  return `Kustomization.kustomize.toolkit.fluxcd.io/${name}`;
}

/** `Kind/namespace/name` of a Kustomization's source. */
export function sourceKeyOf(kustomization: LiveObject): string {
  const reference = field(kustomization, 'spec', 'sourceRef');
  return `${textField(reference, 'kind')}/${textField(reference, 'namespace') ?? kustomization.metadata.namespace}/${textField(reference, 'name')}`;
}

function namedBy(labels: Record<string, string>, namespace: string, name: string): string {
  return labels[name] ? `${labels[namespace] ?? ''}/${labels[name]}` : '';
}
