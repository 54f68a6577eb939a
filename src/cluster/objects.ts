/** Kubernetes objects as plain JSON, and the few things that every reader asks of them. */
import type { ObjectReference } from '../plan/types.ts';

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  subresource?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
}

export interface ObjectMetadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
  managedFields?: ManagedFieldsEntry[];
}

/** An object as the API server returns it. */
export interface LiveObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
  spec?: unknown;
  status?: unknown;
  [field: string]: unknown;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

/** The value at a path of keys and indexes, or undefined where the path ends early. */
export function field(value: unknown, ...path: (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}

export function textField(value: unknown, ...path: (string | number)[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function listField(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function conditionOf(object: LiveObject, type: string): Condition | undefined {
  return listField(object, 'status', 'conditions').find((condition) => field(condition, 'type') === type) as
    | Condition
    | undefined;
}

export function referenceOf(object: LiveObject): ObjectReference {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** Identity without the version, so that an object keeps its key when its API version moves: `Kind.group/namespace/name`. */
export function keyOf(reference: ObjectReference): string {
  const group = groupOf(reference.apiVersion);
  return `${reference.kind}${group ? `.${group}` : ''}/${reference.namespace}/${reference.name}`;
}

/** What a person reads: `HelmRelease flux-system/flux-operator`. */
export function nameOf(reference: ObjectReference): string {
  return `${reference.kind} ${reference.namespace ? `${reference.namespace}/` : ''}${reference.name}`;
}
