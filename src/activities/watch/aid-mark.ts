/** The mark that first aid leaves on an object, what was there before, and what an object still lacks of its aid. Pure. */
import { canonicalJson } from '../../plan/digest.ts';
import { field, type LiveObject } from '../../cluster/objects.ts';
import { marks } from '../../cluster/ownership.ts';
import type { Suspension } from './fault.ts';

/** Field manager of the first aid alone. */
export const aidManager = 'flux-handover-first-aid';
/** Annotation that keeps, as JSON, what was there before. */
export const aidMark = 'flux-handover/first-aid';
/** kustomize-controller neither applies nor collects an object that bears it (its ExclusionSelector). */
export const shieldMark = 'kustomize.toolkit.fluxcd.io/reconcile';

/** What the mark of an object holds. */
export interface Before {
  suspend?: boolean | 'keep';
  shield?: boolean;
  afterOperator?: boolean;
  replicas?: number;
  subjects?: unknown[];
}

/** A JSON merge patch. */
type Patch = Record<string, unknown>;

/** Null where no first aid was given to the object. */
export function beforeOf(live: LiveObject): Before | null {
  const text = live.metadata.annotations?.[aidMark];
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as Before;
  } catch {
    // Edited by hand: then the person also knows what was there.
    return {};
  }
}

/**
 * What suspends it, also where somebody undid that since; null when there is nothing to do. The first mark tells what was there.
 */
export function suspensionOf(live: LiveObject, { keep, shield, afterOperator }: Suspension): Patch | null {
  const before = beforeOf(live);
  const suspended = field(live, 'spec', 'suspend') === true;
  // Suspended by somebody else already, and nobody takes that back: nothing to do.
  if (!before && suspended && !keep) return null;
  const mark: Before = {
    ...(before ?? { suspend: suspended }),
    ...(keep ? { suspend: 'keep' } : {}),
    ...(shield ? { shield } : {}),
    ...(afterOperator ? { afterOperator } : {}),
  };
  const spec = {
    suspend: true,
    ...(live.kind === 'Kustomization' && mark.suspend === 'keep'
      ? { prune: false, deletionPolicy: 'Orphan' }
      : {}),
  };
  return missing(live, before, mark, spec);
}

/**
 * What scales it to nothing, also where somebody undid that since; null when there is nothing to do. A Kustomization that applies
 * its replicas anew would undo it at each interval: then it is shielded, too.
 */
export function scalingOf(live: LiveObject): Patch | null {
  const before = beforeOf(live);
  const replicas = Number(field(live, 'spec', 'replicas') ?? 1);
  if (replicas === 0) return null;
  const applied = live.metadata.labels?.[marks.kustomizationName] !== undefined;
  const mark: Before = {
    ...(before ?? { replicas }),
    ...(before && applied ? { shield: true } : {}),
  };
  return missing(live, before, mark, { replicas: 0 });
}

function missing(
  live: LiveObject,
  before: Before | null,
  mark: Before,
  spec: Record<string, unknown>,
): Patch | null {
  const shielded = !mark.shield || live.metadata.annotations?.[shieldMark] === 'disabled';
  const inForce = Object.entries(spec).every(([key, value]) => field(live, 'spec', key) === value);
  if (inForce && shielded && before && canonicalJson(before) === canonicalJson(mark)) return null;
  const annotations = {
    [aidMark]: JSON.stringify(mark),
    ...(mark.shield ? { [shieldMark]: 'disabled' } : {}),
  };
  return { metadata: { annotations }, spec };
}
