/** Which objects a planned commit takes out of Git, read from its files: what stood in them before and does not afterwards. Pure. */
import { parseAllDocuments } from 'yaml';
import { keyOf, type LiveObject, textField } from '../cluster/objects.ts';
import type { Change, ObjectReference } from '../plan/types.ts';

/** Kinds that kustomize reads and no cluster ever sees. */
const kustomizeGroup = /^kustomize\.config\.k8s\.io\//;

export function leavingObjects({ files }: Pick<Change, 'files'>): ObjectReference[] {
  const after = new Set(files.flatMap((file) => objectsIn(file.after)).map(keyOf));
  const before = new Map(
    files.flatMap((file) => objectsIn(file.before)).map((reference) => [keyOf(reference), reference]),
  );
  return [...before].filter(([key]) => !after.has(key)).map(([, reference]) => reference);
}

function objectsIn(text: string | null): ObjectReference[] {
  const documents = text === null ? [] : parseAllDocuments(text);
  return (Array.isArray(documents) ? documents : [])
    .map((document) => document.toJS() as LiveObject | null)
    .filter(
      (object): object is LiveObject =>
        typeof object === 'object' &&
        object !== null &&
        typeof object.apiVersion === 'string' &&
        typeof object.kind === 'string' &&
        textField(object, 'metadata', 'name') !== undefined &&
        !kustomizeGroup.test(object.apiVersion),
    )
    .map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
    }));
}
