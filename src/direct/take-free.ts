/** Frees clusters whose Lease an earlier run kept although it left nothing to undo: the explicit word of `start --take-over`. */
import type { Finding } from '../activities/contract.ts';
import { refusal } from '../activities/failure.ts';
import type { Standing } from '../activities/standing/standing.ts';
import type { Driver } from './driver.ts';

/** Why a Lease may not be taken away; null when it may, or nobody holds it. Pure. */
export function keptFor({ cluster, lease, due, misfits, run }: Standing): Finding | null {
  if (!lease) return null;
  if (lease.fresh)
    return refusal(
      'lease-in-use',
      `run ${lease.run} drives ${cluster} right now: it renewed its Lease at ${lease.renewedAt}`,
      'two runs that drive one cluster undo each other',
      `end it first: flux-handover rollback ${cluster}, or stop its worker and wait a minute`,
    );
  if (due.length === 0 && misfits.length === 0) return null;
  return refusal(
    'lease-has-work',
    `run ${run ?? lease.run} holds the Lease of ${cluster}, and has left something to be undone`,
    'a run on top of it would take what is half moved for how the cluster was, and lose the way back',
    `flux-handover rollback --direct ${cluster}, then start again`,
  );
}

/** @returns the clusters that were freed. @throws the first reason why one may not be, before anything is freed */
export async function takeFree(driver: Driver, clusters: string[]): Promise<string[]> {
  const standings = await Promise.all(clusters.map((cluster) => driver.standing(cluster)));
  const held = standings.filter(({ lease }) => lease !== null);
  for (const standing of held) {
    const kept = keptFor(standing);
    if (kept) throw new LeaseKept(kept);
  }
  for (const { cluster, lease } of held) if (lease) await driver.release(cluster, lease.identity);
  return held.map(({ cluster }) => cluster);
}

/** A Lease that must stay; its words are those of a finding. */
export class LeaseKept extends Error {
  override readonly name = 'LeaseKept';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.what);
    this.finding = finding;
  }
}
