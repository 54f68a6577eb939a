/** What a commit makes each Kustomization do on the cluster, in sentences: gains, changes, deletes, and what is not known. */
import type { Change, ObjectReference } from '../../plan/types.ts';

/** Objects named in full before the rest is only counted; what is deleted is always named. */
const named = 4;

export interface EffectLine {
  /** `Kustomization flux-system/cluster-apps` */
  who: string;
  /** `gains Kustomization flux-system/flux-operator; deletes nothing` */
  does: string;
  /** Why part of it can not be told. */
  unknown: string[];
}

export function objectName({ kind, namespace, name }: Omit<ObjectReference, 'apiVersion'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function effectLines({ effects = [] }: Pick<Change, 'effects'>): EffectLine[] {
  return effects.map(({ kustomization, gains, changes, collects, unknown }) => ({
    who: objectName(kustomization),
    does: [
      ...(gains.length > 0 ? [`gains ${names(gains)}`] : []),
      ...(changes.length > 0 ? [`changes ${names(changes)}`] : []),
      `deletes ${collects.length > 0 ? collects.map(objectName).join(', ') : 'nothing'}`,
    ].join('; '),
    unknown,
  }));
}

function names(objects: ObjectReference[]): string {
  const shown = objects.slice(0, named).map(objectName).join(', ');
  return objects.length > named ? `${shown} and ${objects.length - named} more` : shown;
}
