/** A held state of the runbook: what is seen, what it means, what a person does. Types, and the answers that a hold offers. */
import type { Finding } from '../../activities/contract.ts';
import type { Hold } from '../../workflows/contract.ts';

export interface HeldState {
  title: string;
  means: string;
  hold: Omit<Hold, 'since' | 'byHand'>;
  /** Held on the way back. */
  back: boolean;
  /** Typed in this order, once what is named has been mended; lines with `#` are for the person. */
  commands: string[];
  /** What there is to say beside them. */
  does: string;
}

export const forwardChoices = [
  'flux-handover retry edge',
  'flux-handover rollback edge',
  'flux-handover abandon edge',
];
export const backwardChoices = [
  'flux-handover retry edge',
  "flux-handover skip edge --reason '…'",
  'flux-handover abandon edge',
];
export const judgedChoices = ['flux-handover retry edge', 'flux-handover abandon edge'];

export const retry = 'flux-handover retry edge';
export const kubectl = 'kubectl --context edge';
/** The run of the example. */
export const exampleRun = 'home-20261122-7f3a';

export function refused(id: string, what: string, why: string, mend: string): Finding {
  return { id, severity: 'refuse', what, why, mend };
}
