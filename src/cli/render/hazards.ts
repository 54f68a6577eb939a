/** Hazards for people: the worst first, those of one kind folded where they are many. */
import type { ClusterPlan, Hazard } from '../../plan/types.ts';
import type { Paint } from '../terminal.ts';
import { count, symbols, wrap } from './words.ts';

interface HazardPage {
  paint: Paint;
  columns: number;
}

/** How many hazards of one id and severity are shown in full; refusals are never folded. */
const shownOfOneKind = 3;

const severities: Hazard['severity'][] = ['refuse', 'warn', 'note'];

/** The worst first; within a severity those of one kind together. */
export function sortedHazards(hazards: Hazard[]): Hazard[] {
  return severities.flatMap((severity) => {
    const alike = hazards.filter((hazard) => hazard.severity === severity);
    const ids = [...new Set(alike.map(({ id }) => id))];
    return ids.flatMap((id) => alike.filter((hazard) => hazard.id === id));
  });
}

export function hazardLines(hazard: Hazard, { paint, columns }: HazardPage): string {
  const symbol = { refuse: symbols(paint).bad, warn: symbols(paint).warn, note: symbols(paint).ahead }[
    hazard.severity
  ];
  const colour = { refuse: paint.red, warn: paint.yellow, note: paint.dim }[hazard.severity];
  const part = (name: string, text: string): string =>
    `    ${paint.dim(name.padEnd(5))} ${wrap(text, columns - 12, ' '.repeat(10))}`;
  return [
    `  ${symbol} ${paint.bold(wrap(hazard.what, columns - 6, '    '))}`,
    `    ${colour(hazard.id)}${hazard.where === null ? '' : `  ${paint.dim(`${hazard.where.file}:${hazard.where.line}`)}`}`,
    part('why', hazard.why),
    part('mend', hazard.mend),
  ].join('\n');
}

export function hazardSection({ hazards }: Pick<ClusterPlan, 'hazards'>, page: HazardPage): string {
  const { paint } = page;
  if (hazards.length === 0) return `${paint.bold('Hazards')}\n  ${symbols(paint).done} none found`;
  const seen = new Map<string, number>();
  const lines: string[] = [];
  const sorted = sortedHazards(hazards);
  for (const [index, hazard] of sorted.entries()) {
    const kind = `${hazard.severity} ${hazard.id}`;
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    if (hazard.severity === 'refuse' || before < shownOfOneKind) lines.push(hazardLines(hazard, page));
    const next = sorted[index + 1];
    const folded = before + 1 - shownOfOneKind;
    if (
      hazard.severity !== 'refuse' &&
      folded > 0 &&
      (next?.id !== hazard.id || next.severity !== hazard.severity)
    )
      lines.push(
        paint.dim(`    and ${folded} more of ${hazard.id}: flux-handover plan --explain ${hazard.id}`),
      );
  }
  return [`${paint.bold('Hazards')}  ${paint.dim(tally(hazards))}`, ...lines].join('\n');
}

/** `1 refusal, 2 warnings, 3 notes`, without those that are none. */
export function tally(hazards: Hazard[]): string {
  const names = { refuse: 'refusal', warn: 'warning', note: 'note' };
  return severities
    .map(
      (severity) =>
        [hazards.filter((hazard) => hazard.severity === severity).length, names[severity]] as const,
    )
    .filter(([many]) => many > 0)
    .map(([many, name]) => count(many, name))
    .join(', ');
}
