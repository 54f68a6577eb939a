/** docs/rules.md as text: every decision, hazard and limit of the way back, from the table that the planner itself is checked against. */
import { decisionRules, hazardRules } from '../plan/rules/index.ts';
import { preflightRules } from '../plan/rules/preflight.ts';
import type { DecisionRule, HazardRule, HazardRules } from '../plan/rules/rule.ts';
import { wayBackRules, type WayBackRule } from '../plan/rules/way-back.ts';
import { outcomeWords } from './render/way-back.ts';

const severityWords = { refuse: 'refused', warn: 'warning', note: 'note' };

function entry(
  id: string,
  { title, looksFor, rule, why, source }: DecisionRule,
  remark: string,
  name = 'severity',
): string {
  return [
    `### \`${id}\`: ${title}`,
    [
      ...(remark === '' ? [] : [`- **${name}**: ${remark}`]),
      `- **looks for**: ${looksFor}`,
      `- **rule**: ${rule}`,
      `- **why**: ${why}`,
      `- **source**: ${source}`,
    ].join('\n'),
  ].join('\n\n');
}

function byId<Rule>(table: Record<string, Rule>): [string, Rule][] {
  return Object.entries(table).sort(([left], [right]) => (left < right ? -1 : 1));
}

function hazards(table: HazardRules): string[] {
  return byId<HazardRule>(table).map(([id, rule]) =>
    entry(id, rule, rule.severities.map((severity) => severityWords[severity]).join(' or ')),
  );
}

function limits(): string[] {
  return byId<WayBackRule>(wayBackRules).map(([id, rule]) =>
    entry(
      id,
      rule,
      `${outcomeWords[rule.outcome].toLowerCase()} it, from ${rule.since ?? 'the first commit'} on`,
      'outcome',
    ),
  );
}

export function rulesReference(): string {
  return `${[
    '# Rules',
    'Written by `npm run reference` from the table that the planner is compiled against; do not edit.',
    '`flux-handover plan --explain ID` shows the same for one id, with the facts of your own repository.',
    '## Decisions',
    'Every plan takes these, and says its reason with file and line.',
    ...byId<DecisionRule>(decisionRules).map(([id, rule]) => entry(id, rule, '')),
    '## Hazards',
    'A refusal stops the handover before anything changes; a warning wants a look first; a note is good to know and moves no digest.',
    ...hazards(hazardRules),
    '## The way back',
    'What a rollback asks about first, or does not bring back by itself. Each plan says which of these it has; they follow from the rest of the plan and move no digest.',
    ...limits(),
    '## On the live cluster',
    'What only `flux-handover preflight` (and the phase of that name) can see.',
    ...hazards(preflightRules),
  ].join('\n\n')}\n`;
}
