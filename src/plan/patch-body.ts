/** Reads one kustomize patch: what it is, what it names, and whether it renames. */
import { parseAllDocuments } from 'yaml';
import { isRecord, text } from '../repo/manifests.ts';
import type { LegacyPatch } from './types.ts';

export type PatchTarget = NonNullable<LegacyPatch['target']>;

/** A JSON6902 list or a strategic merge object; null for anything else. */
export function parsePatch(patch: string): unknown[] | Record<string, unknown> | null {
  const documents = [...parseAllDocuments(patch)].filter((document) => document.contents !== null);
  if (documents.length !== 1 || documents[0]?.errors.length) return null;
  const value = documents[0]?.toJS() as unknown;
  return Array.isArray(value) || isRecord(value) ? value : null;
}

/** A strategic merge patch without a target names its object itself. */
export function targetOf(body: unknown[] | Record<string, unknown>): PatchTarget | null {
  if (Array.isArray(body)) return null;
  const [kind, name, apiVersion] = [
    text(body, 'kind'),
    text(body, 'metadata', 'name'),
    text(body, 'apiVersion'),
  ];
  if (!kind || !name) return null;
  return { ...(apiVersion.includes('/') ? { group: apiVersion.split('/')[0] ?? '' } : {}), kind, name };
}

export function isRename(body: unknown[] | Record<string, unknown>): boolean {
  return (
    Array.isArray(body) &&
    body.some((operation) => /^\/metadata\/(name|namespace)$/.test(text(operation, 'path')))
  );
}

/** The new name where a patch does nothing but rename; else null. */
export function renameOf(body: unknown[] | Record<string, unknown>): string | null {
  const [only, ...more] = Array.isArray(body) ? body : [];
  return more.length === 0 && text(only, 'op') === 'replace' && text(only, 'path') === '/metadata/name'
    ? text(only, 'value')
    : null;
}

export function describeTarget(target: PatchTarget): string {
  return [
    target.kind ?? 'every kind',
    target.name ?? (target.labelSelector ? `with ${target.labelSelector}` : ''),
  ]
    .filter(Boolean)
    .join(' ');
}
