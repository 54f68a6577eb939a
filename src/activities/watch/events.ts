/** The watch by events: sees a breach of the invariants as it happens, stops what could do harm, and says what it found. */
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isClusterError } from '../../cluster/errors.ts';
import { leaseReference, standOf } from '../../cluster/lease.ts';
import type { LiveView } from '../../cluster/live-view.ts';
import { WaitEnded } from '../../cluster/wait.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { type Baseline, readBaseline } from '../baseline.ts';
import type { Finding, WatchInput, WatchResult } from '../contract.ts';
import { refusal } from '../failure.ts';
import { assertIdentity } from '../guard.ts';
import { plannedAtBase } from '../planned.ts';
import type { Session } from '../session.ts';
import { type Fault, fault, limitsOf, type Sight, standBefore } from './fault.ts';
import { Keepsakes } from './keepsakes.ts';
import { newTally } from './judge-health.ts';
import { judgeSight } from './judge-sight.ts';
import { liftFirstAid } from './lift.ts';
import { findingOf, keepReactions, react, sightAgain } from './react.ts';
import { SlowLook } from './slow-look.ts';
import { addInstances, viewWatched } from './watched.ts';

/** Between two looks when nothing happens: what lasts too long shows without an event. Milliseconds. */
const every = 1_000;

/** Runs until it is cancelled, or until something new has to be asked. On the way back it only stops harm: there is nothing to ask. */
export async function watchByEvents(session: Session<WatchInput>): Promise<WatchResult> {
  const [, { plan }, baseline, view] = await Promise.all([
    assertIdentity(session),
    plannedAtBase(session),
    readBaseline(session),
    viewWatched(session.cluster, session.namespace),
  ]);
  try {
    return await watchCluster(session, view, plan, baseline);
  } finally {
    await view.close();
  }
}

/** @param view of all that is watched, see `viewWatched` */
export async function watchCluster(
  session: Session<WatchInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<WatchResult> {
  if (session.input.known === undefined && isFirstAttempt()) {
    const left = await liftedFirstAid(session, view, plan, baseline);
    if (left) return { breaches: left, evidence: [] };
  }
  return watching(session, view, plan, baseline);
}

/** A later attempt goes on where the worker died: what was stopped meanwhile stays stopped until a person was asked. */
function isFirstAttempt(): boolean {
  return !asyncLocalStorage.getStore() || Context.current().info.attempt === 1;
}

/** A watch that knows of no breach begins when a person said go on, or when there was none. @returns what forbids it; else null */
async function liftedFirstAid(
  session: Session<WatchInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<Finding[] | null> {
  try {
    await liftFirstAid(session, view, plan, baseline);
    return null;
  } catch (error) {
    session.signal.throwIfAborted();
    if (error instanceof WaitEnded)
      return [
        refusal(
          'not-as-before',
          `the first aid was lifted, and then waited in vain for ${error.waiting}`,
          'what must hold does not hold again',
          'look at the object named, mend it, then retry; or roll back',
        ),
      ];
    const [findings] = error instanceof ApplicationFailure ? (error.details ?? []) : [];
    if (Array.isArray(findings)) return findings as Finding[];
    throw error;
  }
}

async function watching(
  session: Session<WatchInput>,
  view: LiveView,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<WatchResult> {
  const { input, signal } = session;
  const known = new Set(input.known ?? []);
  const limits = limitsOf(input.config);
  const tally = newTally();
  const slow = new SlowLook(session);
  /** Since when each fault is seen (ms), by id and subject. */
  const since = new Map<string, number>();
  /** When aid was last given for a fault that is known. */
  const aided = new Map<string, number>();
  const keepsakes = new Keepsakes(session.cluster);
  const waker = wakerOf(view, signal);
  let instances = false;
  let stand = standBefore(input.phase);
  for (;;) {
    signal.throwIfAborted();
    instances ||= await addInstances(session.cluster, view).catch(() => false);
    stand = standOf(view.find(leaseReference(session.namespace)), input.run) ?? stand;
    const sight: Sight = { stand, plan, baseline, objects: view.all, limits };
    keepsakes.remember(sight);
    const away = view.trouble && isClusterError(view.trouble, 'unreachable') ? view.trouble : null;
    const faults = away
      ? [fault('api-server', 'the API server', `does not answer: ${away.message}`, limits.unready)]
      : [...judgeSight(sight, tally), ...slow.faults(sight)];
    const now = Date.now();
    const keys = new Map(faults.map((each) => [keyOfFault(each), each]));
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    for (const key of keys.keys()) since.set(key, since.get(key) ?? now);
    const due = [...keys]
      .filter(([key, { patience }]) => now - (since.get(key) ?? now) >= patience)
      .filter(
        ([key, { aids }]) => !known.has(key) || (aids.length > 0 && now - (aided.get(key) ?? 0) > 5_000),
      )
      .map(([, each]) => each);
    if (due.length > 0) {
      const again = await sightAgain(session, sight, due);
      const sure = new Set(judgeSight(again, tally).map(keyOfFault));
      const breached = due.filter((each) => sure.has(keyOfFault(each)) || !isLive(each));
      if (breached.length > 0) {
        session.progress(
          `breach: ${breached.map(({ subject, detail }) => `${subject} ${detail}`).join('; ')}`.slice(0, 300),
        );
        const reactions = await react(session, again, breached, keepsakes.objects);
        const kept = await keepReactions(session, reactions, again);
        for (const each of breached) aided.set(keyOfFault(each), Date.now());
        const fresh = reactions.filter(({ fault: each }) => !known.has(keyOfFault(each)));
        for (const each of breached) known.add(keyOfFault(each));
        if (fresh.length > 0 && again.stand.way === 'forward')
          return {
            breaches: fresh.map((reaction) =>
              findingOf(reaction, now - (since.get(keyOfFault(reaction.fault)) ?? now)),
            ),
            known: [...known],
            evidence: [kept],
          };
      }
    }
    session.progress(saying(faults));
    await waker();
  }
}

/** Seen in the live view, so that a second look can tell; the others were looked at a moment ago. */
function isLive({ id }: Fault): boolean {
  return id !== 'drift' && id !== 'api-server';
}

function keyOfFault({ id, subject }: Fault): string {
  return `${id} ${subject}`;
}

function saying(faults: Fault[]): string {
  if (faults.length === 0) return 'watching: all is well';
  return `watching: ${faults.map(({ subject, detail }) => `${subject} ${detail}`).join('; ')}`.slice(0, 300);
}

/** Resolves at the next change of the view, and after a while in any case. @throws the signal's reason */
function wakerOf(view: LiveView, signal: AbortSignal): () => Promise<void> {
  let changed = false;
  let wake = (): void => {};
  view.onChange(() => {
    changed = true;
    wake();
  });
  return () =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        wake = () => {};
        changed = false;
        // Many events arrive in one tick; one look serves them all.
        setImmediate(resolve);
      };
      const abort = (): void => (clearTimeout(timer), reject(signal.reason as Error));
      const timer = setTimeout(end, every);
      signal.addEventListener('abort', abort, { once: true });
      wake = end;
      if (changed) end();
    });
}
