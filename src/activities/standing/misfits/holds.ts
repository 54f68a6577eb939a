/** Whether a phase can still be met on a cluster. Pure. */
import type { PhaseName } from '../../../plan/phases.ts';
import type { Reading } from '../conclude.ts';

/** The phase is in force, or its way back may not have ended. */
export function holds({ begun, state }: Reading, phase: PhaseName): boolean {
  return begun.includes(phase) || state?.undoing === phase;
}
