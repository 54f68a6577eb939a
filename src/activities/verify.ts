/** The checklist and the invariants after a phase, judged against the baseline once everything has settled. */
import { viewFlux } from '../cluster/collections.ts';
import { Settler } from '../cluster/flux.ts';
import { judge } from '../cluster/judge.ts';
import type { Verdict } from '../cluster/verdict.ts';
import { WaitEnded, waitFor } from '../cluster/wait.ts';
import { canonicalJson, sha256 } from '../plan/digest.ts';
import type { ClusterPlan } from '../plan/types.ts';
import { type Baseline, excusedIn, readBaseline } from './baseline.ts';
import { runChecklist } from './checklist.ts';
import type { Check, VerifyInput, VerifyResult } from './contract.ts';
import { expectationAfter, judgeInstance, judgeLegacyOwner } from './expectation.ts';
import { assertIdentity } from './guard.ts';
import { observe } from './observe.ts';
import { plannedAtBase, sourceOfPlan } from './planned.ts';
import type { Session } from './session.ts';

/** A bad verdict is returned, not thrown. @throws WrongCluster | Unreachable */
export async function verify(session: Session<VerifyInput>): Promise<VerifyResult> {
  const [, { plan }, baseline] = await Promise.all([
    assertIdentity(session),
    plannedAtBase(session),
    readBaseline(session),
  ]);
  const settled = await settle(session, plan, baseline);
  session.progress('running the checklist');
  const [checklist, invariants] = await Promise.all([
    runChecklist(session),
    judgeNow(session, plan, baseline),
  ]);
  const checks = [...(settled ? [settled] : []), ...checklist.checks, ...invariants];
  const ok = checks.every((check) => check.ok);
  const verdict = await session.evidence.keep(
    'verdict.json',
    `${JSON.stringify({ phase: session.input.phase, ok, checks }, undefined, 2)}\n`,
  );
  const { planDigest, shown, phase } = session.input;
  return {
    ok,
    checks,
    evidence: [...checklist.evidence, verdict],
    // Only what was judged and shown: clocks, pod names and revisions of other people's commits do not make another gate of it.
    gateDigest: sha256(
      canonicalJson({
        planDigest,
        phase,
        shown: shown.map(({ name, digest }) => ({ name, digest })),
        checks: checks.map(({ name, ok: held }) => ({ name, ok: held })),
      }),
    ),
  };
}

/** Lets everything arrive at the revision of its source, at most for timeouts.ready; a check of its own if it does not. */
async function settle(
  session: Session<VerifyInput>,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<Check | null> {
  const view = await viewFlux(session.cluster, session.namespace);
  try {
    const source = { reference: sourceOfPlan(plan), reached: () => true };
    const settler = new Settler(session.cluster, view, { source, excused: excusedIn(baseline) });
    await waitFor(
      view,
      () => {
        const waiting = settler.look();
        return waiting ? { waiting } : { value: true };
      },
      { timeout: session.timeouts.ready, signal: session.signal, progress: session.progress },
    );
    return null;
  } catch (error) {
    if (!(error instanceof WaitEnded)) throw error;
    return {
      name: 'everything settles',
      ok: false,
      detail: `after ${session.input.config.timeouts.ready} still waiting for ${error.waiting}`,
    };
  } finally {
    await view.close();
  }
}

/** The invariants; what is amiss is looked at again for a while, since workloads may still be rolling. */
async function judgeNow(
  session: Session<VerifyInput>,
  plan: ClusterPlan,
  baseline: Baseline,
): Promise<Verdict[]> {
  const { input } = session;
  const { phase } = input;
  const expectation = expectationAfter(input, plan);
  const until = Date.now() + Math.min(session.timeouts.ready, 60_000);
  for (;;) {
    const sight = await observe(session, plan, expectation);
    const verdicts = [
      ...judge(baseline, sight, expectation),
      judgeInstance(phase, sight.instance, plan),
      judgeLegacyOwner(phase, sight.legacyOwner, plan),
    ];
    const bad = verdicts.filter(({ ok }) => !ok);
    const passing = bad.every(
      ({ name }) =>
        name === 'ready at the current revision' ||
        name === 'arguments and limits in force' ||
        name === 'one leader each',
    );
    if (bad.length === 0 || !passing || Date.now() > until) return verdicts;
    session.progress(`looking again: ${bad[0]?.detail ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    session.signal.throwIfAborted();
  }
}
