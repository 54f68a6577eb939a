/** What may be so on the cluster while the run stands where it stands: the normal course, forward and back. Pure. */
import type { Stand } from '../../cluster/lease.ts';
import { keyOf } from '../../cluster/objects.ts';
import type { PhaseName } from '../../plan/phases.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { reachedPhase } from '../expectation.ts';
import { isOrphaned } from '../planned.ts';

/** `must`, `must not`, or either. */
type Rule = 'yes' | 'no' | 'either';

export interface Course {
  /** The FluxInstance is there. */
  instance: Rule;
  /** It is enabled. */
  enabled: Rule;
  /** It may be deleted now: disabled, and by us. */
  instanceLeaves: boolean;
  operator: Rule;
  /** The legacy owner, where the plan orphans it: there, … */
  owner: Rule;
  /** … suspended, without pruning. */
  orphaned: Rule;
  /** Keys of objects that the plan takes away, or brings back, at this time. */
  moving: ReadonlySet<string>;
  /** Nothing is being changed: health and settings count. */
  atRest: boolean;
  /** Who owns the controllers; null while that changes. */
  ownedBy: 'legacy' | 'operator' | null;
}

export function courseAt({ phase, way, acting }: Stand, plan: ClusterPlan): Course {
  /** Whether the outcome of a phase is there: sure, not yet, or while it comes or goes. */
  const done = (milestone: PhaseName): Rule => {
    if (phase === milestone) return acting ? 'either' : way === 'forward' ? 'yes' : 'no';
    return reachedPhase(phase, milestone) ? 'yes' : 'no';
  };
  const retired = done('retire');
  const adopted = done('adopt');
  const orphaned = done('orphan');
  const not = (rule: Rule): Rule => (rule === 'either' ? rule : rule === 'yes' ? 'no' : 'yes');
  const collects = plan.changes.find((change) => change.phase === 'retire')?.collects ?? [];
  const resumed = way === 'back' && !reachedPhase(phase, 'retire');
  return {
    instance: done('stage'),
    enabled: done('stage') === 'no' ? 'either' : adopted,
    instanceLeaves: way === 'back' && phase === 'stage',
    operator: done('operator'),
    owner: isOrphaned(plan) ? not(retired) : 'either',
    // On the way back it is resumed with the handing back, and prunes again only in the end.
    orphaned: orphaned === 'yes' && resumed ? 'either' : orphaned,
    moving: new Set(retired === 'no' && way === 'forward' ? [] : collects.map(keyOf)),
    atRest: !acting && way === 'forward',
    ownedBy: adopted === 'either' ? null : adopted === 'yes' ? 'operator' : way === 'back' ? null : 'legacy',
  };
}
