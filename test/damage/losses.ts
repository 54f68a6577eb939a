/** What a cluster has lost since a moment, judged by UIDs that an outside witness has seen. */
import type { Witness } from '../lab/witness.ts';

export interface Loss {
  /** Plural name of the kind, e.g. `deployments`. */
  resource: string;
  /** `namespace/name` or `name`. */
  object: string;
  how: 'deleted' | 'terminating';
  /** Seconds after the harmful step reached the cluster. */
  seconds: number;
}

/** Objects that come and go in any cluster: locks, and what Helm and the chart sources keep for themselves. */
const passing = (resource: string, object: string): boolean =>
  resource === 'leases' ||
  resource === 'helmcharts' ||
  (resource === 'secrets' && object.includes('sh.helm.release.v1.'));

/**
 * Objects that were there before and whose UID was deleted, or is being deleted, since. One that came back under its name is lost all the same.
 * @param before `Witness.present()` from before the step @param since when the step reached the cluster, milliseconds
 */
export function lossesSince(
  witness: Pick<Witness, 'sightings'>,
  before: ReadonlyMap<string, string>,
  since: number,
): Loss[] {
  const losses = new Map<string, Loss>();
  for (const { event, resource, object, uid, at } of witness.sightings) {
    if (event !== 'deleted' && event !== 'terminating') continue;
    if (before.get(`${resource}/${object}`) !== uid || passing(resource, object)) continue;
    const seconds = (Date.parse(at) - since) / 1000;
    if (seconds < 0) continue;
    losses.set(uid, { resource, object, how: event, seconds });
  }
  return [...losses.values()].toSorted((left, right) => left.seconds - right.seconds);
}

/** Names of the lost objects of one kind, in the order of the alphabet. */
export function lost(losses: readonly Loss[], resource: string, how?: Loss['how']): string[] {
  return losses
    .filter((loss) => loss.resource === resource && (how === undefined || loss.how === how))
    .map(({ object }) => object)
    .toSorted();
}

/** One line for each kind: how many, when, and which (the first few). */
export function describeLosses(losses: readonly Loss[]): string[] {
  const byKind = Map.groupBy(losses, ({ resource, how }) => `${resource} ${how}`);
  return [...byKind].map(([kind, all]) => {
    const [first, last] = [all[0]?.seconds ?? 0, all.at(-1)?.seconds ?? 0];
    const names = all.map(({ object }) => object).toSorted();
    const shown =
      names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    return `${all.length} ${kind} after ${first.toFixed(1)} to ${last.toFixed(1)} s: ${shown}`;
  });
}
