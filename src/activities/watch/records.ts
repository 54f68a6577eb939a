/** The record of reactions, as evidence: written where something is new or was done, and never in the way of the report. */
import type { EvidenceReference, Finding } from '../contract.ts';
import type { Session } from '../session.ts';
import { type BreachId, breaches } from './breaches.ts';
import type { Sight } from './fault.ts';
import { findingOf, type Reaction } from './react.ts';
import { refusal } from '../failure.ts';

/** Findings of one kind that a person reads one by one; evidence names all. */
const toldOfEach = 10;

export class ReactionRecords {
  #last = '';

  /**
   * @param news whether any of it was not told before
   * @returns where it is kept: nowhere, where the same was seen and done before; what forbade it, if anything did
   */
  async keep(
    { evidence, signal }: Session,
    reactions: Reaction[],
    { stand }: Sight,
    news: boolean,
  ): Promise<{ evidence: EvidenceReference[]; lost?: string }> {
    const done = JSON.stringify(reactions.map(({ done: lines }) => lines));
    const idle = reactions.every(({ done: lines }) => lines.length === 0);
    if (!news && (idle || done === this.#last)) return { evidence: [] };
    this.#last = done;
    const record = reactions.map(({ fault, seenAt, stoppedAfter, done: lines }) => ({
      breach: fault.id,
      what: `${fault.subject} ${fault.detail}`,
      seenAt,
      ...(fault.aids.length > 0 ? { secondsToReaction: stoppedAfter / 1_000 } : {}),
      done: lines,
    }));
    try {
      const kept = await evidence.keep(
        `breach-${reactions[0]?.seenAt.replaceAll(/[:.]/g, '-') ?? 'none'}.json`,
        `${JSON.stringify({ stand, reactions: record }, undefined, 2)}\n`,
      );
      return { evidence: [kept] };
    } catch (error) {
      signal.throwIfAborted();
      // What was stopped has to be told: an attempt that failed here would find all well, because of the aid.
      return { evidence: [], lost: (error as Error).message };
    }
  }
}

/** @param lasted milliseconds since it was first seen; @param lost why no record of it could be kept */
export function findingsOf(
  reactions: Reaction[],
  lasted: (reaction: Reaction) => number,
  lost?: string,
): Finding[] {
  const findings: Finding[] = [];
  for (const [id, alike] of Map.groupBy(reactions, ({ fault }) => fault.id)) {
    findings.push(...alike.slice(0, toldOfEach).map((reaction) => findingOf(reaction, lasted(reaction))));
    const rest = alike.length - toldOfEach;
    if (rest > 0) findings.push(moreOf(id, rest));
  }
  return lost === undefined
    ? findings
    : findings.map((finding) => ({
        ...finding,
        what: `${finding.what} (no evidence of it was kept: ${lost})`,
      }));
}

function moreOf(id: BreachId, count: number): Finding {
  const { why, mend } = breaches[id];
  return refusal(id, `the same of ${count} more, which the evidence names`, why, mend);
}
