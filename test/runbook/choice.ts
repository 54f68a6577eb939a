/** Which tries of the runbook are asked for: `RUNBOOK=held,helm`. */
import { chosen } from '../chosen.ts';
import { shapesByHand, type Try } from './tries.ts';

/** @throws Error for a name that is not there */
export function chosenTries(): readonly Try[] {
  return chosen<Try>('RUNBOOK', ['held', ...shapesByHand]);
}
