/** After which phase a cluster is to be judged now, by how far its run has come. Pure. */
import type { PhaseName } from '../plan/phases.ts';
import type { ClusterStatus } from '../workflows/contract.ts';

/**
 * Forward: the last phase that has acted, also where its checklist did not hold. On the way back: the next one to be undone, and as
 * preflight found the cluster once nothing is left. Null before the baseline is kept.
 */
export function judgedPhase({ state, back, phases }: ClusterStatus): PhaseName | null {
  if (state === 'rolled-back') return 'preflight';
  if (back) return back.left[0] ?? 'preflight';
  const last = phases.findLast(({ endedAt, checks }) => endedAt !== null || checks.length > 0)?.phase;
  return last === undefined || last === 'preflight' ? null : last;
}
