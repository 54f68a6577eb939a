/** Short ways to write a hazard down: what was found, why it is dangerous, and what mends it. */
import type { HazardIdOf } from './rules/index.ts';
import type { Hazard, Place } from './types.ts';

type Words = Pick<Hazard, 'what' | 'why' | 'mend'>;

/** Stops the handover before anything changes. */
export function refuse(id: HazardIdOf<'refuse'>, where: Place | null, words: Words): Hazard {
  return { id, severity: 'refuse', where, ...words };
}

/** Goes on, but a person should look at it first. */
export function warn(id: HazardIdOf<'warn'>, where: Place | null, words: Words): Hazard {
  return { id, severity: 'warn', where, ...words };
}

/** Good to know; not part of the digest, so that mending it changes no approved plan. */
export function note(id: HazardIdOf<'note'>, where: Place | null, words: Words): Hazard {
  return { id, severity: 'note', where, ...words };
}
