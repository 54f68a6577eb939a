/** Explains one decision or hazard: the facts of this plan with file and line, the rule, and where the rule comes from. */
import { diffChars } from 'diff';
import type { Tree } from '../repo/tree.ts';
import { decisionRules, hazardRules } from './rules/index.ts';
import { preflightRules } from './rules/preflight.ts';
import type { DecisionRule, HazardRule } from './rules/rule.ts';
import type { Decision, Hazard, Place, Plan } from './types.ts';

/** A place with the lines that stand there, from it on; none where they are not shown. */
export interface QuotedPlace extends Place {
  text: string[];
}

const quotedLines = 4;

const rulesOfHazards = new Map<string, HazardRule>(Object.entries({ ...preflightRules, ...hazardRules }));
const rulesOfDecisions = new Map<string, DecisionRule>(Object.entries(decisionRules));

export interface ExplainedFact {
  cluster: string;
  decision: Decision | null;
  hazard: Hazard | null;
  where: QuotedPlace[];
}

export interface ExplainedRule {
  id: string;
  sort: 'decision' | 'hazard';
  rule: DecisionRule;
  /** Empty for a decision. */
  severities: Hazard['severity'][];
  /** Empty where the plan has no such hazard. */
  facts: ExplainedFact[];
}

/**
 * @param treeOf the tree of a cluster, for the lines themselves
 * @returns null for an id that no table has
 */
export function explainId(
  plan: Plan,
  id: string,
  treeOf: (cluster: string) => Tree | undefined,
): ExplainedRule | null {
  const hazardRule = rulesOfHazards.get(id);
  const rule = hazardRule ?? rulesOfDecisions.get(id);
  if (!rule) return null;
  const facts = plan.clusters.flatMap(({ name, decisions, hazards }): ExplainedFact[] => {
    const quote = (place: Place): QuotedPlace => ({ ...place, text: linesAt(treeOf(name), place) });
    return hazardRule
      ? hazards
          .filter((hazard) => hazard.id === id)
          .map((hazard) => ({
            cluster: name,
            decision: null,
            hazard,
            where: hazard.where ? [quote(hazard.where)] : [],
          }))
      : decisions
          .filter((decision) => decision.id === id)
          .map((decision) => ({ cluster: name, decision, hazard: null, where: decision.where.map(quote) }));
  });
  return {
    id,
    sort: hazardRule ? 'hazard' : 'decision',
    rule,
    severities: [...(hazardRule?.severities ?? [])],
    facts,
  };
}

/** Ids that look like what was typed, the nearest first. */
export function nearestIds(typed: string, many = 3): string[] {
  const likeness = (id: string): number => {
    const same = diffChars(typed.toLowerCase(), id)
      .filter(({ added, removed }) => !added && !removed)
      .reduce((sum, { value }) => sum + value.length, 0);
    return (2 * same) / (typed.length + id.length);
  };
  return [...rulesOfDecisions.keys(), ...rulesOfHazards.keys()]
    .map((id) => ({ id, score: likeness(id) }))
    .filter(({ score }) => score > 0.4)
    .sort((left, right) => right.score - left.score)
    .slice(0, many)
    .map(({ id }) => id);
}

/** Of one document, up to its end. Lines of a Secret are not shown, whether encrypted or not. */
function linesAt(tree: Tree | undefined, { file, line }: Place): string[] {
  const text = tree?.read(file) ?? '';
  if (/^\s*kind:\s*["']?Secret\b|^sops:/m.test(text)) return [];
  const lines = text
    .split(/\r?\n/)
    .slice(line - 1, line - 1 + quotedLines)
    .map((each) => each.slice(0, 200));
  const end = lines.findIndex((each, index) => index > 0 && /^(---|\.\.\.)/.test(each));
  return end < 0 ? lines : lines.slice(0, end);
}
