/** What becomes of a cluster whose phase failed for good: a person is asked, or it goes back by itself, as `onFailure` says. */
import type { Finding } from '../activities/contract.ts';
import type { PhaseName } from '../plan/phases.ts';
import { turnBack } from './back.ts';
import { noteNoRollback } from './findings.ts';
import { choicesNow, openHold, type Handover } from './handover.ts';

/** Failures after which the way back could not write either, or must not: it never begins by itself. */
const untouchable: Record<string, string> = {
  WrongCluster: 'another cluster is behind the context: nothing may be written there',
  LockHeld: 'another run drives the cluster: two ways at once undo each other',
  Forbidden:
    'the credentials did not suffice for the step: the way back needs the same, and could stop halfway',
};

/** A phase that acted and failed, by an activity's failure type, or by its checklist (`Checklist`). */
export interface PhaseFailure {
  phase: PhaseName;
  type: string;
  findings: Finding[];
}

/** `back` when the way back was taken by itself; else the cluster is held now. */
export function failed(handover: Handover, { phase, type, findings }: PhaseFailure): 'back' | 'held' {
  const { state, input, cluster } = handover;
  const wanted = cluster.onFailure ?? input.config.onFailure;
  const why = wanted === 'rollback' ? whyNot(handover, type) : null;
  if (wanted === 'rollback' && why === null) {
    state.noteAutomaticRollback('onFailure', `${phase} failed: ${findings[0]?.what ?? type}`);
    turnBack(handover, {
      by: 'handover.yaml',
      reason: `onFailure: rollback, and ${phase} failed`,
      findings,
    });
    return 'back';
  }
  const note = why === null ? [] : [noteNoRollback(input.cluster, 'onFailure', why)];
  openHold(handover, phase, { findings: [...findings, ...note], actions: choicesNow(handover) });
  return 'held';
}

function whyNot({ state }: Handover, type: string): string | null {
  const { lease, compensations } = state.progress;
  if (lease !== 'held' && compensations.length === 0) return 'nothing was begun, so there is nothing to undo';
  return untouchable[type] ?? null;
}
