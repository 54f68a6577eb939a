/** Digests that are the same on every machine: canonical JSON (sorted keys), SHA-256. */
import { createHash } from 'node:crypto';
import type { ClusterPlan, Plan } from './types.ts';

/** JSON with sorted keys and no space; `undefined` fields are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${fields.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/**
 * Covers what will be done and why it is safe: decisions, refusals and warnings, what was found, and the content of every
 * file before and after. Left out are commit ids, line numbers and notes: other people's commits elsewhere move those.
 */
export function clusterPlanDigest(plan: Omit<ClusterPlan, 'digest' | 'commit'>): string {
  const { legacy, source, roots } = plan;
  return sha256(
    canonicalJson({
      name: plan.name,
      branch: plan.branch,
      legacy: {
        ...legacy,
        owner: legacy.owner && { ...legacy.owner, line: 0 },
        ownerSource: legacy.ownerSource && { ...legacy.ownerSource, where: null },
        patches: legacy.patches.map((patch) => ({ ...patch, where: null })),
      },
      source: source && { ...source, where: null },
      roots: roots.map((root) => ({ ...root, file: '', line: 0 })),
      target: plan.target,
      decisions: plan.decisions.map(({ id, answer }) => ({ id, answer })),
      changes: plan.changes.map(({ phase, message, files, collects }) => ({
        phase,
        message,
        collects,
        files: files.map(({ path, before, after }) => ({ path, before, after })),
      })),
      hazards: plan.hazards
        .filter(({ severity }) => severity !== 'note')
        .map(({ id, severity, what }) => ({ id, severity, what })),
    }),
  );
}

/** Over the digests of all clusters, in their order. */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  return sha256(canonicalJson(plan.clusters.map(({ name, digest }) => ({ name, digest }))));
}
