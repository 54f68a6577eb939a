/** What happens when a breach is seen: a second look, first aid, and a record of both. */
import { assertHolder, leaseReference, standOf } from '../../cluster/lease.ts';
import { keyOf, type LiveObject } from '../../cluster/objects.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import type { Session } from '../session.ts';
import { keyOfAid, mergedAids } from './aids.ts';
import { breaches } from './breaches.ts';
import type { Fault, Sight } from './fault.ts';
import { giveAid, podsOf } from './first-aid.ts';
import { putBackTaken } from './keepsakes.ts';
import { operatorOf } from './judge-instance.ts';

/** How long the pods of a stopped operator may take to end before its controllers are put back all the same. Milliseconds. */
const ending = 20_000;

/** Lines that a person reads in one finding. */
const readable = 10;

/** What was done about one breach. */
export interface Reaction {
  fault: Fault;
  /** ISO time at which the watch saw it. */
  seenAt: string;
  /** From then until what could do harm was stopped. Milliseconds. */
  stoppedAfter: number;
  done: string[];
}

/**
 * Watches of several kinds tell of one step in any order: before anything is stopped, the step and what it changes are read once more.
 * @throws LeaseNotOurs | ClusterError
 */
export async function sightAgain(
  { cluster, namespace, holder }: Session,
  sight: Sight,
  due: Fault[],
): Promise<Sight> {
  const references = new Map(
    due.flatMap(({ aids }) => aids.slice(0, 3)).map(({ object }) => [keyOf(object), object]),
  );
  const [lease, ...fresh] = await Promise.all([
    cluster.find(leaseReference(namespace)),
    // What can not be read once more is judged as it was seen.
    ...[...references.values()].map((reference) => cluster.find(reference).catch(() => undefined)),
  ]);
  assertHolder(lease ?? null, holder);
  const objects = new Map(sight.objects);
  for (const [index, key] of [...references.keys()].entries()) {
    const live = fresh[index];
    if (live === undefined) continue;
    if (live) objects.set(key, { ...live });
    else objects.delete(key);
  }
  return { ...sight, objects, stand: standOf(lease, holder) ?? sight.stand };
}

/** @param seen the controllers as they were last seen, by key */
export async function react(
  session: Session,
  sight: Sight,
  faults: Fault[],
  seen: ReadonlyMap<string, LiveObject>,
): Promise<Reaction[]> {
  const seenAt = new Date().toISOString();
  const given = await giveAid(session, mergedAids(faults.flatMap(({ aids }) => aids)));
  const reactions = faults.map((fault): Reaction => {
    const mine = fault.aids.map((aid) => given.get(keyOfAid(aid)) ?? { done: [], after: 0 });
    // What several faults ask for is told with the first.
    const done = mine.flatMap((each) => each.done.splice(0));
    return { fault, seenAt, stoppedAfter: Math.max(0, ...mine.map(({ after }) => after)), done };
  });
  const stopped = reactions.find(({ fault }) => fault.aids.some((aid) => aid.do === 'stop-operator'));
  if (stopped) stopped.done.push(...(await mendUninstall(session, sight, seen)));
  return reactions;
}

/** Once nobody is left to take them again. */
async function mendUninstall(
  session: Session,
  sight: Sight,
  seen: ReadonlyMap<string, LiveObject>,
): Promise<string[]> {
  const operator = operatorOf(sight);
  const ended = async (): Promise<boolean> =>
    operator === null || (await podsOf(session.cluster, operator)).length === 0;
  for (const until = Date.now() + ending; Date.now() < until && !(await ended());)
    await new Promise((resolve) => setTimeout(resolve, 200));
  session.signal.throwIfAborted();
  return putBackTaken(session, seen);
}

export function findingOf({ fault, done, stoppedAfter }: Reaction, lasted: number): Finding {
  const { why, mend } = breaches[fault.id];
  const when = fault.patience > 0 ? ` (for ${Math.round(lasted / 1_000)} s)` : '';
  const aid =
    done.length > 0
      ? `. First aid, ${(stoppedAfter / 1_000).toFixed(1)} s after it was seen: ${inShort(done).join('; ')}`
      : '';
  const finding = refusal(fault.id, `${fault.subject} ${fault.detail}${when}${aid}`, why, mend);
  return fault.passable?.length ? { ...finding, passable: fault.passable } : finding;
}

/** Every deed where a person reads them; the evidence holds all. */
function inShort(done: string[]): string[] {
  const { suspended = [], others = [] } = Object.groupBy(done, (line) =>
    line.startsWith('suspended ') ? 'suspended' : 'others',
  );
  return [
    ...others.slice(0, readable),
    ...(suspended.length > readable ? [`suspended ${suspended.length} objects`] : suspended),
    ...(others.length > readable ? [`and ${others.length - readable} more, see the evidence`] : []),
  ];
}
