/** Makes findings, and takes them out of what was thrown: the same in workflows, activities and commands. Pure. */
import type { Finding } from './contract.ts';

export function refusal(id: string, what: string, why: string, mend: string): Finding {
  return { id, severity: 'refuse', what, why, mend };
}

export function warning(id: string, what: string, why: string, mend: string): Finding {
  return { id, severity: 'warn', what, why, mend };
}

export function note(id: string, what: string, why = '', mend = ''): Finding {
  return { id, severity: 'note', what, why, mend };
}

/** What a failure of the contract carries in `details[0]`; empty for any other error. */
export function findingsIn(thrown: unknown): Finding[] {
  const { details } = (thrown ?? {}) as { details?: unknown };
  const carried: unknown = Array.isArray(details) ? details[0] : undefined;
  return Array.isArray(carried) && carried.every((each) => typeof each?.what === 'string')
    ? (carried as Finding[])
    : [];
}
