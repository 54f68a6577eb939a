/** Judges that every object of the baseline is still the same object. Pure. */
import { nameOf } from './objects.ts';
import { type Applier, comesAndGoes, isIndispensable, removedThroughGit } from './removal.ts';
import type { Snapshot } from './snapshot.ts';
import { type Expectation, type Verdict, verdict } from './verdict.ts';

/** More than this is no app that somebody took away: nobody's word passes over it. */
const passableAtMost = 50;

export function identities(
  baseline: Snapshot,
  now: Snapshot,
  { gone, remade, passedOver }: Expectation,
): Verdict {
  const faults = new Map<string, string>();
  const removed: string[] = [];
  const passed: string[] = [];
  const applierNow = (key: string): Applier | null => applierIn(now, key);
  for (const [key, before] of Object.entries(baseline.objects)) {
    const current = now.objects[key];
    const name = nameOf(before.reference);
    const isAnew = current !== undefined && current.uid !== before.uid && !remade.has(key);
    const isGone = !current && !gone.has(key);
    if ((!isAnew && !isGone) || comesAndGoes(before)) continue;
    if (passedOver.has(key)) passed.push(name);
    else if (isAnew)
      faults.set(key, `${name} was created anew (UID ${before.uid} before, ${current.uid} now)`);
    else if (removedThroughGit(key, baseline.objects, baseline.namespace, applierNow)) removed.push(name);
    else faults.set(key, `${name} is gone`);
  }
  const count = Object.keys(baseline.objects).length;
  const keys = [...faults.keys()];
  const isPassable = (key: string): boolean => {
    const before = baseline.objects[key];
    return before !== undefined && !isIndispensable(before, baseline.namespace);
  };
  return {
    ...verdict(
      'same identities',
      [...faults.values()],
      [
        `${count} objects keep their UID`,
        ...(removed.length > 0 ? [`removed from Git by others since: ${removed.join(', ')}`] : []),
        ...(passed.length > 0 ? [`passed over: ${passed.join(', ')}`] : []),
      ].join('; '),
    ),
    ...(keys.length > 0 && keys.length <= passableAtMost && keys.every(isPassable) ? { passable: keys } : {}),
  };
}

function applierIn({ objects, inventories }: Snapshot, key: string): Applier | null {
  const record = objects[key];
  if (!record) return null;
  const { reference, health, revision } = record;
  const inventory = inventories[nameOf(reference)];
  return {
    ready: health?.state === 'ready',
    revision,
    inventory: inventory ? new Set(inventory) : null,
  };
}
