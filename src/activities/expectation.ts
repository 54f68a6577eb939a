/** What a cluster must look like after a phase: which objects the plan let go, who owns the controllers, what the instance says. Pure. */
import { healthOf } from '../cluster/health.ts';
import type { Expectation, Verdict } from '../cluster/verdict.ts';
import { field, keyOf, type LiveObject } from '../cluster/objects.ts';
import { marks } from '../cluster/ownership.ts';
import { type PhaseName, phasesOf } from '../plan/phases.ts';
import type { ClusterPlan } from '../plan/types.ts';

/** Whether a phase comes after (or is) another. */
export function reachedPhase(phase: PhaseName, milestone: PhaseName): boolean {
  const order = (phasesOf('self-managed') ?? []).map(({ name }) => name);
  return order.indexOf(phase) >= order.indexOf(milestone);
}

export function expectationAfter(phase: PhaseName, plan: ClusterPlan): Expectation {
  const owner =
    plan.legacy.owner && keyOf({ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', ...plan.legacy.owner });
  const collects = plan.changes.find((change) => change.phase === 'retire')?.collects ?? [];
  return {
    ours: new Set(owner && reachedPhase(phase, 'orphan') ? [owner] : []),
    gone: new Set(reachedPhase(phase, 'retire') ? collects.map(keyOf) : []),
    remade: new Set(phase === 'preflight' ? collects.map(keyOf) : []),
    owner: reachedPhase(phase, 'adopt') ? 'operator' : 'legacy',
  };
}

/** Judges the FluxInstance by the phase. Ready alone never counts: a disabled instance says Ready, too. */
export function judgeInstance(phase: PhaseName, instance: LiveObject | null): Verdict {
  const name = 'FluxInstance';
  if (!reachedPhase(phase, 'stage'))
    return instance
      ? { name, ok: false, detail: 'a FluxInstance is there, and none is expected yet' }
      : { name, ok: true, detail: 'none is there yet' };
  if (!instance) return { name, ok: false, detail: 'it is gone' };
  if (field(instance, 'spec', 'sync') !== undefined)
    return { name, ok: false, detail: 'it has spec.sync, and the plan says none' };
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

/** The legacy owner: orphaned while the handover runs, gone after `retire`, as it was before `orphan`. */
export function judgeLegacyOwner(phase: PhaseName, owner: LiveObject | null): Verdict {
  const name = 'legacy owner';
  if (reachedPhase(phase, 'retire'))
    return { name, ok: owner === null, detail: owner ? 'it is still on the cluster' : 'it left the cluster' };
  if (!owner) return { name, ok: false, detail: 'it is gone' };
  const orphaned =
    field(owner, 'spec', 'suspend') === true &&
    field(owner, 'spec', 'prune') === false &&
    field(owner, 'spec', 'deletionPolicy') === 'Orphan';
  if (reachedPhase(phase, 'orphan'))
    return {
      name,
      ok: orphaned,
      detail: orphaned ? 'suspended, prune: false, deletionPolicy: Orphan' : 'it could prune the controllers',
    };
  const ready = healthOf(owner);
  return {
    name,
    ok: ready.state === 'ready',
    detail: ready.state === 'ready' ? 'in charge, as before' : ready.message,
  };
}
