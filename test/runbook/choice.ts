/** Which tries of the runbook are asked for: `RUNBOOK=held,helm`. */
import { shapesByHand, type Try } from './tries.ts';

const all: readonly Try[] = ['held', ...shapesByHand];

/** @throws Error for a name that is not there */
export function chosenTries(): readonly Try[] {
  const names = (process.env['RUNBOOK'] ?? '').split(',').filter(Boolean);
  const unknown = names.filter((name) => !all.includes(name as Try));
  if (unknown.length > 0) throw new Error(`no try ${unknown.join(', ')}; there are ${all.join(', ')}`);
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}
