/** First aid that is in force although nothing was told: its report was lost with a worker, or an earlier run left it. Pure. */
import { nameOf, referenceOf } from '../../cluster/objects.ts';
import { beforeOf } from './aid-mark.ts';
import { type Fault, fault, type Sight } from './fault.ts';

/** Names that are said one by one. */
const readable = 5;

/**
 * What would look well, because it was stopped, at the first sight of a watch.
 * @param known what was told already: its aid is lifted with that
 */
export function untoldAid({ objects }: Sight, known: readonly string[]): Fault[] {
  if (known.length > 0) return [];
  // An operator that was stopped lost its rights, too: its Deployment speaks for both.
  const names = [...objects.values()]
    .filter((object) => beforeOf(object) !== null && !object.metadata.deletionTimestamp)
    .map((object) => nameOf(referenceOf(object)));
  if (names.length === 0) return [];
  const rest = names.length > readable ? ` and ${names.length - readable} more` : '';
  return [
    fault('aid-in-force', 'first aid', `is in force on ${names.slice(0, readable).join(', ')}${rest}`, 0),
  ];
}
