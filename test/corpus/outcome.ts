/** What a plan comes to, in the words of a case's expected.yaml. */
import type { ClusterPlan, Hazard, Place } from '../../src/plan/types.ts';
import type { ExpectedCluster } from './case.ts';

/**
 * The hazards of a plan, but for the word that a known shape is not offered yet: it is judged here by its plan, and whether
 * `start` offers it is proven in the lab.
 */
function hazardsOf({ hazards, legacy }: ClusterPlan): Hazard[] {
  const isKnown = !['none', 'unknown'].includes(legacy.shape);
  return hazards.filter(({ id }) => !isKnown || id !== 'shape-not-offered');
}

export function isRefused(plan: ClusterPlan): boolean {
  return refusalsOf(plan).length > 0;
}

/** Ids of what stands in the way. */
export function refusalsOf(plan: ClusterPlan): string[] {
  return hazardsOf(plan).flatMap(({ id, severity }) => (severity === 'refuse' ? [id] : []));
}

/** The plan, cut to what the case speaks of; hazards always, in a fixed order. */
export function outcomeOf(plan: ClusterPlan, expected: ExpectedCluster): ExpectedCluster {
  const { legacy, source } = plan;
  const read: ExpectedCluster['legacy'] = {
    shape: legacy.shape,
    version: legacy.version,
    namespace: legacy.namespace,
    components: legacy.components,
    owner: legacy.owner && `${legacy.owner.name} ${placed(legacy.owner)}`,
    bootstrapPath: legacy.bootstrapPath,
    networkPolicies: legacy.networkPolicies,
  };
  return {
    legacy: Object.fromEntries(
      Object.entries(read).filter(([key]) => key in expected.legacy),
    ) as ExpectedCluster['legacy'],
    ...(expected.source === undefined
      ? {}
      : { source: source ? `${source.name} ${source.url} ${source.ref}` : '' }),
    ...(expected.roots ? { roots: plan.roots.map(({ name, path }) => `${name} ${path}`) } : {}),
    decisions: Object.fromEntries(
      Object.entries(expected.decisions).map(([id, words]) => {
        const answer = plan.decisions.find((decision) => decision.id === id)?.answer ?? 'not decided';
        return [id, answer.includes(words) ? words : answer];
      }),
    ),
    hazards: inOrder(hazardsOf(plan).map((hazard) => told(hazard, expected.hazards))),
    ...(expected.phases
      ? {
          phases: Object.fromEntries(
            plan.changes.map(({ phase, files }) => [
              phase,
              files.map(({ action, path }) => `${action} ${path}`),
            ]),
          ),
        }
      : {}),
    ...(expected.wayBack ? { wayBack: plan.wayBack.map(({ outcome, id }) => `${outcome} ${id}`) } : {}),
    // What a refused plan would do is nobody's promise.
    collects: expected.phases
      ? Object.fromEntries(
          plan.changes.flatMap(({ phase, collects }) =>
            collects.length > 0
              ? [[phase, collects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).sort()]]
              : [],
          ),
        )
      : {},
  };
}

/** A hazard as far as it is expected: with those of the expected words that it says. */
function told({ id, severity, where, what }: Hazard, expected: ExpectedCluster['hazards']): ExpectedHazard {
  const place = where ? { file: where.file, line: where.line } : {};
  const same = expected.find(
    (other) => other.id === id && other.file === where?.file && other.line === where?.line,
  );
  return {
    id,
    severity,
    ...place,
    ...(same?.says ? { says: same.says.filter((words) => what.includes(words)) } : {}),
  };
}

type ExpectedHazard = ExpectedCluster['hazards'][number];

/** The expectation with its lists in the order of `outcomeOf`. */
export function expectationOf(expected: ExpectedCluster): ExpectedCluster {
  return {
    ...expected,
    hazards: inOrder(expected.hazards),
    collects: Object.fromEntries(
      Object.entries(expected.collects).map(([phase, objects]) => [phase, objects.toSorted()]),
    ),
  };
}

/** Content of each touched file after the last commit; null: removed. */
export function endOf(plan: ClusterPlan): Map<string, string | null> {
  return new Map(plan.changes.flatMap(({ files }) => files.map(({ path, after }) => [path, after] as const)));
}

/** In words, for a failing test. */
export function hazardsInWords(hazards: Hazard[]): string {
  return hazards
    .map(
      ({ severity, id, where, what, why, mend }) =>
        `${severity} ${id} ${where ? placed(where) : ''}\n  ${what}. ${why}. ${mend}`,
    )
    .join('\n');
}

function placed({ file, line }: Place): string {
  return `${file}:${line}`;
}

function inOrder(hazards: ExpectedCluster['hazards']): ExpectedCluster['hazards'] {
  const key = ({ severity, id, file, line }: ExpectedCluster['hazards'][number]): string =>
    [severity, id, file, String(line).padStart(6, '0')].join(' ');
  return hazards.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}
