/** Names of runs. */
import { randomBytes } from 'node:crypto';

/** E.g. `home-20261122-7f3a`: readable, sortable, and unlikely to meet another of the same day. */
export function runName(fleet: string, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  return `${fleet}-${day}-${randomBytes(2).toString('hex')}`;
}
