/** Runs that do not fit each other, the cluster, or what is left of them. Pure. */
import type { Finding } from '../../contract.ts';
import { refusal } from '../../failure.ts';
import type { RunRecord } from '../../run-record.ts';
import type { Reading } from '../conclude.ts';
import type { Sighting } from '../sighting.ts';

export function ofRuns(
  { cluster, clusterUid, context, lease, steps, branch, namespace }: Sighting,
  { rivals, state, begun }: Reading,
  record: RunRecord | null,
): Finding[] {
  const found: Finding[] = [];
  if (rivals.length > 1)
    found.push(
      refusal(
        'two-runs',
        `branch ${branch} holds commits in force of ${rivals.join(' and ')}`,
        'the way back of one would take the ground from under the other',
        `look at both (git log --grep=Handover-Run origin/${branch}) and undo the later one first, by hand: docs/without-temporal.md`,
      ),
    );
  if (lease && state && lease.run !== state.run)
    found.push(
      refusal(
        'lease-of-another-run',
        `run ${lease.run} holds the Lease of ${cluster}, and ${begun.length > 0 ? 'what is in force is' : 'the last commits are'} of run ${state.run}`,
        'two runs that drive one cluster undo each other',
        `end run ${lease.run} first; if nothing drives it any more: flux-handover start --take-over, or kubectl -n ${namespace} delete lease flux-handover`,
      ),
    );
  if (record && record.clusterUid !== clusterUid && begun.length > 0)
    found.push(
      refusal(
        'other-cluster',
        `run ${record.run} moved the cluster with kube-system UID ${record.clusterUid}, and behind context ${context} is ${clusterUid}`,
        'the cluster was raised anew since, or the context points elsewhere: what it was before is not what this one was',
        `is context ${context} the right one? a cluster that was raised anew from Git has no way back to what it never was`,
      ),
    );
  // A run that was undone whole needs no baseline any more.
  if (state && record === null && (begun.length > 0 || (lease !== null && state.undoing !== null)))
    found.push(
      refusal(
        'baseline-missing',
        `neither ConfigMap ${namespace}/flux-handover-baseline nor refs/handover/${state.run} says what ${cluster} was before run ${state.run}${steps === null ? ' (Git does not answer)' : ''}`,
        'without it nobody can tell what is to be restored',
        'bring back the ref (push it from another clone), or the ConfigMap from the evidence folder; else go by hand: docs/without-temporal.md',
      ),
    );
  return found;
}
