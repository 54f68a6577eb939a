/** The watch by looks: the whole cluster is judged every few seconds, until something stayed unready too long or went missing. */
import { isClusterError } from '../../cluster/errors.ts';
import { judge } from '../../cluster/judge.ts';
import type { Verdict } from '../../cluster/verdict.ts';
import { canonicalJson, sha256 } from '../../plan/digest.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { type Baseline, readBaseline } from '../baseline.ts';
import type { Finding, WatchInput, WatchResult } from '../contract.ts';
import { expectationAfter, judgeInstance, judgeLegacyOwner } from '../expectation.ts';
import { refusal } from '../failure.ts';
import { assertIdentity } from '../guard.ts';
import { observe } from '../observe.ts';
import { plannedAtBase } from '../planned.ts';
import type { Session } from '../session.ts';
import { limitsOf } from './fault.ts';

/** Between two looks. Milliseconds. */
const every = 10_000;

/** Faults that patience may heal; any other ends the watch at its second sight. */
const passing = new Set([
  'ready at the current revision',
  'arguments and limits in force',
  'one leader each',
  'FluxInstance',
  'suspensions as before',
  'ownership',
  'API server',
]);

export async function watchByLooks(session: Session<WatchInput>): Promise<WatchResult> {
  const { unready } = limitsOf(session.input.config);
  const [, { plan }, baseline] = await Promise.all([
    assertIdentity(session),
    plannedAtBase(session),
    readBaseline(session),
  ]);
  /** Since when each fault is seen (ms), by name and detail. */
  const since = new Map<string, number>();
  for (;;) {
    const faults = await look(session, plan, baseline);
    const now = Date.now();
    const keys = new Map(
      faults.map((fault) => [
        passing.has(fault.name) ? fault.name : sha256(canonicalJson([fault.name, fault.detail])),
        fault,
      ]),
    );
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    for (const key of keys.keys()) since.set(key, since.get(key) ?? now);
    const breached = [...keys].filter(
      ([key, { name }]) => now - (since.get(key) ?? now) >= (passing.has(name) ? unready : 1),
    );
    if (breached.length > 0) {
      const kept = await session.evidence.keep('breach.json', `${JSON.stringify(faults, undefined, 2)}\n`);
      return {
        breaches: breached.map(([key, fault]) => breach(session, fault, now - (since.get(key) ?? now))),
        known: [],
        evidence: [kept],
      };
    }
    session.progress(
      faults.length > 0
        ? `watching: ${faults
            .map(({ name, detail }) => `${name}: ${detail}`)
            .join('; ')
            .slice(0, 300)}`
        : 'watching: all is well',
    );
    await pause(session.signal, faults.length > 0 ? Math.min(every, unready / 4) : every);
  }
}

async function look(session: Session<WatchInput>, plan: ClusterPlan, baseline: Baseline): Promise<Verdict[]> {
  const { phase } = session.input;
  const expectation = expectationAfter(phase, plan);
  try {
    const sight = await observe(session, plan, expectation);
    return [
      ...judge(baseline, sight, expectation),
      judgeInstance(phase, sight.instance, plan),
      judgeLegacyOwner(phase, sight.legacyOwner, plan),
    ].filter(({ ok }) => !ok);
  } catch (error) {
    // An API server that restarts is a fault to be watched like any other.
    if (!isClusterError(error, 'unreachable')) throw error;
    return [{ name: 'API server', ok: false, detail: error.message }];
  }
}

function breach({ input }: Session<WatchInput>, { name, detail }: Verdict, lasted: number): Finding {
  return refusal(
    'breach',
    `${name}: ${detail}`,
    `seen for ${Math.round(lasted / 1_000)} s during the ${input.phase} of ${input.cluster}`,
    'mend what it names and retry, or roll back while the way back is cheap',
  );
}

function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => (clearTimeout(timer), reject(signal.reason as Error));
    const timer = setTimeout(() => (signal.removeEventListener('abort', abort), resolve()), milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
