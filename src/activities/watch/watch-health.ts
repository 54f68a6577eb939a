/** The watch over one cluster, by Kubernetes watches: sees a breach of the invariants as it happens, stops what could do harm, and says what it found. */
import { renewEvery, renewLease, type Stand } from '../../cluster/lease.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { type Baseline, readBaseline } from '../baseline.ts';
import type { WatchInput, WatchResult } from '../contract.ts';
import { assertIdentity } from '../guard.ts';
import { plannedAtBase } from '../planned.ts';
import type { Session } from '../session.ts';
import { Ages, keyOfFault } from './ages.ts';
import { isOutstanding } from './aids.ts';
import type { Fault, Sight } from './fault.ts';
import { blindnessOf, untilSeen } from './blindness.ts';
import { judgeSight } from './judge-sight.ts';
import { Keepsakes } from './keepsakes.ts';
import { react, sightAgain } from './react.ts';
import { findingsOf, ReactionRecords } from './records.ts';
import { assertOurs, isOurs, look } from './sight.ts';
import { SlowLook } from './slow-look.ts';
import { newTally } from './tally.ts';
import { wakerOf } from './waker.ts';
import { untoldAid } from './untold.ts';
import { addInstances, viewWatched } from './watched.ts';

/** Runs until it is cancelled or until something new has to be told. @throws LeaseNotOurs */
export function watchHealth(session: Session<WatchInput>): Promise<WatchResult> {
  return untilSeen(session, watchOnce);
}

/** @param seen is called once all can be read. @throws ClusterError where it can not, or the credentials are refused for a while */
async function watchOnce(session: Session<WatchInput>, seen: () => void): Promise<WatchResult> {
  const [, { plan }, baseline] = await Promise.all([
    assertIdentity(session),
    plannedAtBase(session),
    readBaseline(session),
  ]);
  const view = await viewWatched(session.cluster, session.namespace, { patiently: true });
  seen();
  const renew = () => renewLease(session.cluster, session.namespace, session.holder);
  // Gates and soaks last for hours, and a Lease that nobody renews says that nobody drives.
  const renewing = setInterval(() => void renew().catch(() => {}), renewEvery);
  try {
    await renew();
    return await watchCluster(session, view, plan, baseline);
  } finally {
    clearInterval(renewing);
    await view.close();
  }
}

/** @param view of all that is watched, see `viewWatched`. @throws LeaseNotOurs | ClusterError where the credentials are refused */
export async function watchCluster(
  session: Session<WatchInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<WatchResult> {
  const { signal, cluster } = session;
  const tally = newTally();
  const slow = new SlowLook(session);
  const ages = new Ages(session.input.known);
  const records = new ReactionRecords();
  const keepsakes = new Keepsakes(cluster);
  const waker = wakerOf(view, signal);
  let untold: Fault[] | null = null;
  let instances = false;
  let stand: Stand | undefined;
  for (;;) {
    signal.throwIfAborted();
    instances ||= await addInstances(cluster, view);
    if (!isOurs(session, view)) await assertOurs(session);
    const sight = look(session, view, plan, baseline, stand);
    stand = sight.stand;
    keepsakes.remember(sight);
    untold ??= untoldAid(sight, session.input.known);
    const { away, partly, unknown } = blindnessOf(sight, view, instances);
    const judged = away ? [] : [...judgeSight(sight, tally), ...slow.faults(sight), ...untold];
    const faults = away ? [away] : [...judged.filter((each) => !unknown.has(kindOf(each))), ...partly];
    const due = ages.due(faults, ({ aids }) => aids.some((aid) => isOutstanding(aid, sight.objects)));
    if (due.length > 0) {
      const again = away ? sight : await sightAgain(session, sight, due);
      const sure = new Set(judgeSight(again, tally).map(keyOfFault));
      const breached = due.filter((each) => sure.has(keyOfFault(each)) || !isLive(each));
      const told =
        breached.length > 0 ? await stop(session, again, breached, keepsakes, ages, records) : null;
      if (told) return told;
    }
    session.progress(ages.saying(faults, sight.stand));
    await waker();
  }
}

/** First aid, and the record of it. @returns what has to be told; null where all of it is known */
async function stop(
  session: Session<WatchInput>,
  sight: Sight,
  breached: Fault[],
  keepsakes: Keepsakes,
  ages: Ages,
  records: ReactionRecords,
): Promise<WatchResult | null> {
  const said = breached.map(({ subject, detail }) => `${subject} ${detail}`).join('; ');
  session.progress(`breach: ${said}`.slice(0, 300));
  const reactions = await react(session, sight, breached, keepsakes.objects);
  const fresh = reactions.filter(({ fault }) => !ages.isKnown(fault));
  const { evidence, lost } = await records.keep(session, reactions, sight, fresh.length > 0);
  const breaches = findingsOf(fresh, ({ fault }) => ages.of(fault), lost);
  ages.aided(breached);
  return breaches.length > 0 ? { breaches, known: ages.known, evidence } : null;
}

/** Seen in the live view, so that a second look can tell; the others were looked at a moment ago. */
function isLive({ id }: Fault): boolean {
  return id !== 'drift' && id !== 'unseen' && id !== 'api-server' && id !== 'aid-in-force';
}

function kindOf({ subject }: Fault): string {
  return subject.split(' ')[0] ?? '';
}
