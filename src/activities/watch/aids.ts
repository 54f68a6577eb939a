/** First aid that many faults ask for at once: each deed once, and only where it would still do anything. Pure. */
import { keyOf, type LiveObject } from '../../cluster/objects.ts';
import { isDisabled, ownsDisable } from '../live-annotation.ts';
import { scalingOf, suspensionOf } from './aid-mark.ts';
import type { Aid } from './fault.ts';

/** Whether an aid would do anything, by what is seen. What a stopped operator began has to be looked for each time. */
export function isOutstanding(aid: Aid, objects: ReadonlyMap<string, LiveObject>): boolean {
  if (aid.do === 'stop-operator') return true;
  const live = objects.get(keyOf(aid.object));
  if (!live) return false;
  if (aid.do === 'disable-instance') return !(isDisabled(live) && ownsDisable(live));
  return (aid.do === 'suspend' ? suspensionOf(live, aid) : scalingOf(live)) !== null;
}

/** One per deed and object, however many faults ask for it; the strictest wish counts. */
export function mergedAids(aids: Aid[]): Map<string, Aid> {
  const merged = new Map<string, Aid>();
  for (const aid of aids) {
    const key = keyOfAid(aid);
    const other = merged.get(key);
    merged.set(key, other?.do === 'suspend' && aid.do === 'suspend' ? { ...other, ...aid } : aid);
  }
  return merged;
}

export function keyOfAid({ do: deed, object }: Aid): string {
  return `${deed} ${keyOf(object)}`;
}
