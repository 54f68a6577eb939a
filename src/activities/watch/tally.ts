/** What the watch counts and times while it goes on: kept from one look to the next. */

/**
 * Within which failures and restarts add up. Fetches fail now and then and leaders change: over a soak of days that makes many of both, and
 * only what comes close together is one trouble. Milliseconds.
 */
const window = 3_600_000;

interface Count {
  /** What was counted last: a restart count, or the time of a failure. */
  last: number | string;
  /** When each was seen. Milliseconds since 1970. */
  at: number[];
}

interface Clock {
  /** Since when it is not Ready, or failed. Milliseconds since 1970. */
  since: number;
  failedSince: number | null;
}

export interface Tally {
  /** When this watch began. Milliseconds since 1970. */
  begunAt: number;
  /** By key of the object. */
  failures: Map<string, Count>;
  /** By pod UID and container. */
  restarts: Map<string, Count>;
  /** Of what is not Ready now, by key. */
  clocks: Map<string, Clock>;
}

export function newTally(): Tally {
  return { begunAt: Date.now(), failures: new Map(), restarts: new Map(), clocks: new Map() };
}

/** @param at ISO time at which it turned False; empty where it does not fail now. @returns how often it did so lately */
export function failuresOf({ failures }: Tally, key: string, at: string): number {
  const count = failures.get(key) ?? { last: '', at: [] };
  const fresh = at !== '' && at !== count.last;
  return keep(failures, key, fresh ? at : count.last, count, fresh ? 1 : 0);
}

/** @param first what it had before this watch. @param restarts what it has now. @returns how many of them came lately */
export function restartsOf(
  { restarts: counts }: Tally,
  key: string,
  first: number,
  restarts: number,
): number {
  const count = counts.get(key) ?? { last: first, at: [] };
  return keep(counts, key, restarts, count, Math.max(0, restarts - Number(count.last)));
}

function keep(
  counts: Map<string, Count>,
  key: string,
  last: number | string,
  { at }: Count,
  more: number,
): number {
  const now = Date.now();
  const lately = [...at, ...Array.from({ length: more }, () => now)].filter((time) => now - time < window);
  counts.set(key, { last, at: lately });
  return lately.length;
}

/** @returns how long it was not Ready before it failed (milliseconds); null where it has not failed */
export function beforeFailure({ clocks }: Tally, key: string, failed: boolean): number | null {
  const now = Date.now();
  const clock = clocks.get(key) ?? { since: now, failedSince: null };
  const failedSince = failed ? (clock.failedSince ?? now) : null;
  clocks.set(key, { ...clock, failedSince });
  return failedSince === null ? null : failedSince - clock.since;
}
