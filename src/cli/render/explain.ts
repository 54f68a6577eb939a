/** One decision, hazard or limit of the way back, explained: what was found where, the rule, and where the rule comes from. */
import type { ExplainedFact, ExplainedRule } from '../../plan/explain.ts';
import type { Paint } from '../terminal.ts';
import { outcomeWords } from './way-back.ts';
import { symbols, wrap } from './words.ts';

interface ExplainPage {
  paint: Paint;
  columns: number;
}

const nameWidth = 12;

export function renderExplanation(
  { id, sort, rule, severities, facts }: ExplainedRule,
  page: ExplainPage,
): string {
  const { paint } = page;
  const kind = sort === 'hazard' ? `hazard: ${severities.join(' or ')}` : sort;
  return [
    `${paint.bold(id)}  ${rule.title}  ${paint.dim(kind)}`,
    '',
    ...(facts.length > 0
      ? facts.flatMap((fact) => [...factLines(fact, page), ''])
      : [`  ${symbols(paint).done} not in this plan`, '']),
    paint.bold('The rule'),
    ...row('looks for', rule.looksFor, page),
    ...row('rule', rule.rule, page),
    ...row('why', rule.why, page),
    ...row('source', rule.source, page),
  ].join('\n');
}

function factLines({ cluster, decision, hazard, limit, where }: ExplainedFact, page: ExplainPage): string[] {
  const { paint } = page;
  const { bad, warn, ahead, done } = symbols(paint);
  const symbol = hazard ? { refuse: bad, warn, note: ahead }[hazard.severity] : done;
  const heading = `${symbol} ${paint.bold(cluster)}  `;
  const places = where.flatMap(({ file, line, text }, index) => [
    ...row(index === 0 ? 'where' : '', `${file}:${line}`, page),
    ...text.map((each) => `${' '.repeat(nameWidth)}${paint.dim(`│ ${each}`)}`),
  ]);
  if (hazard)
    return [
      `${heading}${wrap(hazard.what, page.columns - cluster.length - 6, '    ')}`,
      ...row('why', hazard.why, page),
      ...row('mend', hazard.mend, page),
      ...places,
    ];
  if (limit)
    return [
      `${symbols(paint).undone} ${paint.bold(cluster)}  ${wrap(limit.what, page.columns - cluster.length - 6, '    ')}`,
      ...row('outcome', `${outcomeWords[limit.outcome]} it, from the phase ${limit.since} on`, page),
      ...row('why', limit.why, page),
      ...row('mend', limit.mend, page),
    ];
  if (!decision) return [];
  return [
    `${heading}${decision.question}`,
    ...row('answer', paint.cyan(decision.answer), page),
    ...row('because', decision.reason, page),
    ...decision.alternatives.flatMap((alternative, index) =>
      row(index === 0 ? 'instead' : '', alternative, page),
    ),
    ...places,
  ];
}

function row(name: string, text: string, { paint, columns }: ExplainPage): string[] {
  const indent = ' '.repeat(nameWidth);
  return [`  ${paint.dim(name.padEnd(nameWidth - 2))}${wrap(text, columns - nameWidth - 2, indent)}`];
}
