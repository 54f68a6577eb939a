/** First aid that is in force although nothing was told: its report was lost with a worker, or an earlier run left it. */
import { nameOf, referenceOf } from '../../cluster/objects.ts';
import type { WatchInput } from '../contract.ts';
import type { Session } from '../session.ts';
import { type Fault, fault } from './fault.ts';
import { aidsInForce } from './release.ts';

/** Names that are said one by one. */
const readable = 5;

/** What would look well, because it was stopped. None where something was told: it is lifted with that. @throws ClusterError */
export async function untoldAid(session: Session<WatchInput>): Promise<Fault[]> {
  if (session.input.known.length > 0) return [];
  const names = (await aidsInForce(session)).map((object) => nameOf(referenceOf(object)));
  if (names.length === 0) return [];
  const rest = names.length > readable ? ` and ${names.length - readable} more` : '';
  return [
    fault('aid-in-force', 'first aid', `is in force on ${names.slice(0, readable).join(', ')}${rest}`, 0),
  ];
}
