/** What a cluster must look like after a phase: which objects the plan let go, who owns the controllers, what the instance says. Pure. */
import { healthOf } from '../cluster/health.ts';
import type { Expectation, Verdict } from '../cluster/verdict.ts';
import { field, keyOf, type LiveObject } from '../cluster/objects.ts';
import { marks } from '../cluster/ownership.ts';
import { type PhaseName, phasesOf } from '../plan/phases.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { notOrphaned } from './legacy-owner.ts';
import { isOrphaned, ownerOfPlan } from './planned.ts';
import { syncFault } from './sync.ts';

/** Whether a phase comes after (or is) another. */
export function reachedPhase(phase: PhaseName, milestone: PhaseName): boolean {
  const order = (phasesOf('self-managed') ?? []).map(({ name }) => name);
  return order.indexOf(phase) >= order.indexOf(milestone);
}

/** @param passedOver keys of objects whose loss a person passed over */
export function expectationAfter(
  { phase, passedOver }: { phase: PhaseName; passedOver: Iterable<string> },
  plan: ClusterPlan,
): Expectation {
  const owner = plan.legacy.owner && keyOf(ownerOfPlan(plan));
  const collects = plan.changes.find((change) => change.phase === 'retire')?.collects ?? [];
  return {
    ours: new Set(owner && isOrphaned(plan) && reachedPhase(phase, 'orphan') ? [owner] : []),
    gone: new Set(reachedPhase(phase, 'retire') ? collects.map(keyOf) : []),
    remade: new Set(phase === 'preflight' ? collects.map(keyOf) : []),
    passedOver: new Set(passedOver),
    owner: reachedPhase(phase, 'adopt') ? 'operator' : 'legacy',
  };
}

/** Judges the FluxInstance by the phase. Ready alone never counts: a disabled instance says Ready, too. */
export function judgeInstance(
  phase: PhaseName,
  instance: LiveObject | null,
  { target }: ClusterPlan,
): Verdict {
  const name = 'FluxInstance';
  if (!reachedPhase(phase, 'stage'))
    return instance
      ? { name, ok: false, detail: 'a FluxInstance is there, and none is expected yet' }
      : { name, ok: true, detail: 'none is there yet' };
  if (!instance) return { name, ok: false, detail: 'it is gone' };
  const fault = syncFault(instance, target.sync);
  if (fault) return { name, ok: false, detail: `it ${fault}` };
  if (instance.metadata.deletionTimestamp) return { name, ok: false, detail: 'it is being deleted' };
  const disabled = instance.metadata.annotations?.[marks.reconcile] === 'disabled';
  if (!reachedPhase(phase, 'adopt'))
    return {
      name,
      ok: disabled,
      detail: disabled ? 'staged and disabled' : 'it is enabled before the cutover',
    };
  if (disabled) return { name, ok: false, detail: 'it is disabled, so nothing keeps the controllers' };
  const { state, reason, message } = healthOf(instance);
  return {
    name,
    ok: state === 'ready' && reason === 'ReconciliationSucceeded',
    detail: `${reason || state}: ${message}`,
  };
}

/** The legacy owner: orphaned while the handover runs and gone after `retire`, or there and in charge of the rest all the time. */
export function judgeLegacyOwner(phase: PhaseName, owner: LiveObject | null, plan: ClusterPlan): Verdict {
  const name = 'legacy owner';
  if (!plan.legacy.owner) return { name, ok: true, detail: 'nothing in Git owns the controllers' };
  if (!isOrphaned(plan)) return judgeStayingOwner(name, owner, plan.legacy.owner.prune);
  if (reachedPhase(phase, 'retire'))
    return { name, ok: owner === null, detail: owner ? 'it is still on the cluster' : 'it left the cluster' };
  if (!owner) return { name, ok: false, detail: 'it is gone' };
  if (reachedPhase(phase, 'orphan')) {
    const missing = notOrphaned(owner);
    return {
      name,
      ok: missing === '',
      detail: missing ? `it could prune the controllers: it lacks ${missing}` : 'suspended and orphaned',
    };
  }
  const ready = healthOf(owner);
  return {
    name,
    ok: ready.state === 'ready',
    detail: ready.state === 'ready' ? 'in charge, as before' : ready.message,
  };
}

/** A root that also applied Flux goes on applying the rest: it is never suspended, and prunes as before. Its health is judged with all others. */
function judgeStayingOwner(name: string, owner: LiveObject | null, prune: boolean): Verdict {
  if (!owner) return { name, ok: false, detail: 'it is gone' };
  if (owner.metadata.deletionTimestamp) return { name, ok: false, detail: 'it is being deleted' };
  if (field(owner, 'spec', 'suspend') === true) return { name, ok: false, detail: 'it is suspended' };
  const prunes = field(owner, 'spec', 'prune') === true;
  if (prunes !== prune) return { name, ok: false, detail: `it has prune: ${prunes} instead of ${prune}` };
  return { name, ok: true, detail: 'it stays, and applies the rest' };
}
