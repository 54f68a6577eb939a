/** The objects that a planned step adds through its own Kustomization, read from the planned files. Pure. */
import { parseAllDocuments } from 'yaml';
import { type LiveObject, textField } from '../../cluster/objects.ts';
import type { Change, ObjectReference } from '../../plan/types.ts';

/** HelmReleases, OCIRepositories and the like below a new app's folder; Kustomizations are not among them. */
export function addedObjects({ files }: Change, namespace: string): ObjectReference[] {
  return files
    .filter(({ action }) => action === 'add')
    .flatMap(({ after }) => {
      const documents = parseAllDocuments(after ?? '');
      return (Array.isArray(documents) ? documents : []).map(
        (document) => document.toJS() as LiveObject | null,
      );
    })
    .filter(
      (object): object is LiveObject =>
        object !== null &&
        typeof object === 'object' &&
        object.kind !== undefined &&
        object.kind !== 'Kustomization' &&
        object.metadata !== undefined,
    )
    .map((object) => ({
      apiVersion: object.apiVersion,
      kind: object.kind,
      namespace: textField(object, 'metadata', 'namespace') ?? namespace,
      name: object.metadata.name,
    }));
}
