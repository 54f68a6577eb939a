/** What a rollback asks about or does not bring back by itself, for people: one sentence each, the rest is in `--explain`. */
import type { ClusterPlan, WayBackLimit } from '../../plan/types.ts';
import type { Paint } from '../terminal.ts';
import { wrap } from './words.ts';

/** In words, for a list of its own each. */
export const outcomeWords: Record<WayBackLimit['outcome'], string> = {
  asks: 'It stops and asks about',
  lost: 'It does not bring back',
  kept: 'It leaves as they are',
  left: 'It leaves behind',
};

const outcomes = Object.keys(outcomeWords) as WayBackLimit['outcome'][];

/** By outcome, in the order of the words. */
export function byOutcome(limits: WayBackLimit[]): [WayBackLimit['outcome'], WayBackLimit[]][] {
  return outcomes.flatMap((outcome) => {
    const alike = limits.filter((limit) => limit.outcome === outcome);
    return alike.length > 0 ? [[outcome, alike] as [WayBackLimit['outcome'], WayBackLimit[]]] : [];
  });
}

export function wayBackSection(
  { wayBack }: Pick<ClusterPlan, 'wayBack'>,
  { paint, columns }: { paint: Paint; columns: number },
): string[] {
  if (wayBack.length === 0) return [];
  return [
    paint.bold('The way back'),
    ...byOutcome(wayBack).flatMap(([outcome, limits]) => [
      `  ${outcomeWords[outcome]}`,
      ...limits.map(
        ({ id, since, what }) =>
          `    - ${wrap(`${what} ${paint.dim(`(from ${since} on; ${id})`)}`, columns - 6, '      ')}`,
      ),
    ]),
    '',
  ];
}
