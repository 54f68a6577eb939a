/** Compares two objects field by field, and knows the differences that every adoption by Flux Operator makes. Pure. */
import { isSameFlag } from '../cluster/controller-set.ts';
import { canonicalJson } from '../plan/digest.ts';

export interface Difference {
  /** `spec.template.spec.containers[manager].args`: lists of named things by name, other lists as a whole. */
  path: string;
  before: unknown;
  after: unknown;
}

/** Differences in the order of the path. Lists of plain values give one difference per value that came or went. */
export function differencesOf(before: unknown, after: unknown, path = ''): Difference[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (canonicalJson(before ?? {}) === '{}' && canonicalJson(after ?? {}) === '{}')
    return [{ path, before, after }];
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
  // A map that comes or goes is told by its entries.
  if (before === undefined && isMap(after)) return differencesOf({}, after, path);
  if (after === undefined && isMap(before)) return differencesOf(before, {}, path);
  if (!isMap(before) || !isMap(after)) return [{ path, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) =>
    differencesOf(
      before[key],
      after[key],
      path === '' ? key : /[./]/.test(key) ? `${path}[${key}]` : `${path}.${key}`,
    ),
  );
}

function listDifferences(before: unknown[], after: unknown[], path: string): Difference[] {
  const named = [...before, ...after].every((entry) => isMap(entry) && typeof entry['name'] === 'string');
  if (named) {
    const byName = (list: unknown[]) =>
      new Map(list.map((entry) => [(entry as { name: string }).name, entry]));
    const [old, current] = [byName(before), byName(after)];
    return [...new Set([...old.keys(), ...current.keys()])].flatMap((name) =>
      differencesOf(old.get(name), current.get(name), `${path}[${name}]`),
    );
  }
  const texts = (list: unknown[]) => list.map(canonicalJson);
  const gone = before.filter((entry) => !texts(after).includes(canonicalJson(entry)));
  const come = after.filter((entry) => !texts(before).includes(canonicalJson(entry)));
  if (gone.length === 0 && come.length === 0) return [{ path, before, after }];
  const reworded = (entry: unknown, others: unknown[]) =>
    others.some((other) => isSameFlag(String(other), String(entry)));
  return [
    ...gone
      .filter((entry) => !reworded(entry, come))
      .map((entry) => ({ path, before: entry, after: undefined })),
    ...come
      .filter((entry) => !reworded(entry, gone))
      .map((entry) => ({ path, before: undefined, after: entry })),
  ];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The token request goes with object-level workload identity, which the operator's build turns off. */
const tokenRule = canonicalJson({ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] });

const ownMarks =
  /^metadata\.(labels|annotations)\[(kustomize\.toolkit\.fluxcd\.io|fluxcd\.controlplane\.io)\//;
const commonLabels =
  /^(metadata|spec\.template\.metadata)\.labels\[app\.kubernetes\.io\/(managed-by|version|part-of|instance|component)\]$/;

/** Ownership marks, the operator's own argument and annotation, and the small changes of RBAC and CRDs that come with its manifests. */
export function isForeseen({ path, before, after }: Difference): boolean {
  if (ownMarks.test(path) || commonLabels.test(path)) return true;
  if (path === 'spec.template.metadata.annotations[cluster-autoscaler.kubernetes.io/safe-to-evict]')
    return true;
  // `flux install` and the operator's build have it, manifests/install has not.
  if (path === 'spec.template.spec.nodeSelector[kubernetes.io/os]')
    return before === undefined && after === 'linux';
  if (path === 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]')
    return after === undefined;
  if (path === 'spec.template.spec.containers[manager].args')
    return [before, after].every(
      (value) =>
        value === undefined ||
        (typeof value === 'string' && value.startsWith('--events-addr=')) ||
        value === '--feature-gates=ObjectLevelWorkloadIdentity=false',
    );
  if (path.startsWith('metadata.labels[pod-security.kubernetes.io/warn')) return before === undefined;
  // Rules and enumerations may grow; what else they lose is for a person to see.
  if (path === 'rules') return before === undefined || canonicalJson(before) === tokenRule;
  return /^spec\.versions\[.*\.enum$/.test(path) && before === undefined;
}
