/** What stands before a phase: its gate, its maintenance window, and a second look when waiting took long. */
import { refusal } from '../activities/finding.ts';
import type { MaintenanceWindow } from '../config/schema.ts';
import type { Phase } from '../plan/phases.ts';
import { phasesOf } from '../plan/phases.ts';
import type { GateDecision, GateRequest } from './contract.ts';
import { findingsOfChecks } from './findings.ts';
import { choicesNow, modeOf, type Handover, type Obstacle } from './handover.ts';
import { judgeByPreflight, judgeByVerify } from './judgement.ts';
import { wait } from './waits.ts';
import { windowAt, type WindowState } from './window.ts';

/** A judgement older than this, in ms, is made again before anything changes: waiting may have taken days. */
const fresh = 10 * 60_000;

export type Admission =
  | { admitted: true }
  | { admitted: false; rejected: true }
  | { admitted: false; rejected: false; obstacle: Obstacle };

/** Comes back when the phase may begin now, or with what forbids it. */
export async function admit(handover: Handover, phase: Phase): Promise<Admission> {
  const { progress } = handover.state;
  for (;;) {
    const no =
      phase.gate && progress.approved?.gate !== phase.gate
        ? await passGate(handover, phase, phase.gate)
        : null;
    if (no) {
      // At the start gate nothing was begun. Later, no is not the end: the cluster is held and a person chooses.
      if (no.gate === 'start') return { admitted: false, rejected: true };
      return { admitted: false, rejected: false, obstacle: rejection(no) };
    }
    const closed = phase.window ? await waitForWindow(handover, phase) : null;
    if (closed) return { admitted: false, rejected: false, obstacle: closed };
    const stale = await lookAgain(handover);
    if (stale) return { admitted: false, rejected: false, obstacle: stale };
    if (
      !phase.gate ||
      modeOf(handover, phase.gate) === 'auto' ||
      progress.approved?.digest === progress.judgement?.gateDigest
    )
      return { admitted: true };
    // What was approved is not what is there now: ask again.
    progress.approved = null;
  }
}

/** The decision when a person said no, null when the gate is passed. */
async function passGate(
  handover: Handover,
  phase: Phase,
  gate: GateRequest['gate'],
): Promise<GateDecision | null> {
  const { state } = handover;
  const { progress, status } = state;
  const digest = progress.judgement?.gateDigest ?? status.planDigest;
  if (modeOf(handover, gate) === 'auto') {
    state.noteAutomatic(gate);
    progress.approved = { gate, digest };
    return null;
  }
  const evidence = [...progress.shown, ...(progress.judgement?.evidence ?? [])];
  const shown = [`next: ${phase.meaning}`, ...(progress.judgement?.sentences ?? [])];
  const since = status.gate?.digest === digest ? status.gate.since : new Date().toISOString();
  state.show({
    state: 'waiting-for-gate',
    phase: phase.name,
    gate: { gate, digest, since, planDigest: status.planDigest, shown, evidence },
  });
  state.publish();
  let decision = null;
  while (!decision) {
    await wait(handover, () => state.decision !== null);
    decision = state.takeDecision();
  }
  state.show({ state: 'running', gate: null });
  if (decision.decision !== 'approve') return decision;
  progress.approved = { gate, digest };
  return null;
}

async function waitForWindow(handover: Handover, phase: Phase): Promise<Obstacle | null> {
  const { state, input, cluster } = handover;
  const windows = cluster.windows ?? input.config.windows;
  for (;;) {
    const window = windowNow(windows);
    if (typeof window === 'string') return badWindow(handover, window);
    if (window.open) {
      state.show({ state: 'running', until: null });
      return null;
    }
    if (!window.opens)
      return {
        findings: [
          refusal(
            'no-window',
            'no maintenance window ever opens again',
            `${phase.name} may begin only in a window`,
            'mend windows in handover.yaml and start a new run',
          ),
        ],
        actions: choicesNow(handover),
      };
    const until = window.opens.toISOString();
    state.show({ state: 'waiting-for-window', phase: phase.name, until });
    state.publish();
    await wait(handover, () => false, {
      ms: Math.max(1, window.opens.getTime() - Date.now()),
      summary: `maintenance window opens ${until}`,
    });
  }
}

/** The state of the windows, or what is wrong with one: an error here would leave the workflow stuck, not held. */
function windowNow(windows: readonly MaintenanceWindow[]): WindowState | string {
  try {
    return windowAt(windows, new Date());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function badWindow(handover: Handover, why: string): Obstacle {
  const finding = refusal(
    'window-invalid',
    `a maintenance window cannot be read: ${why}`,
    'nobody could say when the cluster may be changed',
    'mend schedule and timeZone under windows in handover.yaml and start a new run',
  );
  return { findings: [finding], actions: choicesNow(handover) };
}

/** Judges the cluster again when the last judgement is old. Nothing of this phase has begun. */
async function lookAgain(handover: Handover): Promise<Obstacle | null> {
  const { progress } = handover.state;
  if (progress.next === 0) return null;
  if (progress.judgement?.ok && Date.now() - Date.parse(progress.judgement.at) < fresh) return null;
  if (progress.lease !== 'held') {
    await judgeByPreflight(handover);
    return null;
  }
  const before = phasesOf(progress.shape)?.[progress.next - 1];
  if (!before) return null;
  const verdict = await judgeByVerify(handover, before);
  return verdict.ok ? null : { findings: findingsOfChecks(verdict), actions: choicesNow(handover) };
}

function rejection({ gate, approver, reason }: GateDecision): Obstacle {
  return {
    findings: [
      refusal(
        'gate-rejected',
        `gate ${gate} was rejected by ${approver}${reason ? `: ${reason}` : ''}`,
        'a person does not want this step now',
        'retry asks at the gate again; rollback takes the way back',
      ),
    ],
    actions: ['retry', 'rollback'],
  };
}
