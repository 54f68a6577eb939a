/** Explains one decision, hazard or limit of the way back: the facts of this plan with file and line, the rule, and where the rule comes from. */
import { diffChars } from 'diff';
import type { Tree } from '../repo/tree.ts';
import { decisionRules, hazardRules } from './rules/index.ts';
import { preflightRules } from './rules/preflight.ts';
import type { DecisionRule, HazardRule } from './rules/rule.ts';
import { wayBackRules, type WayBackRule } from './rules/way-back.ts';
import type { ClusterPlan, Decision, Hazard, Place, Plan, WayBackLimit } from './types.ts';

/** A place with the lines that stand there, from it on; none where they are not shown. */
export interface QuotedPlace extends Place {
  text: string[];
}

const quotedLines = 4;

const rulesOfHazards = new Map<string, HazardRule>(Object.entries({ ...preflightRules, ...hazardRules }));
const rulesOfDecisions = new Map<string, DecisionRule>(Object.entries(decisionRules));
const rulesOfWayBack = new Map<string, WayBackRule>(Object.entries(wayBackRules));

export interface ExplainedFact {
  cluster: string;
  decision: Decision | null;
  hazard: Hazard | null;
  limit: WayBackLimit | null;
  where: QuotedPlace[];
}

export interface ExplainedRule {
  id: string;
  sort: 'decision' | 'hazard' | 'way back';
  rule: DecisionRule;
  /** Empty for all but a hazard. */
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
  const limitRule = rulesOfWayBack.get(id);
  const rule = hazardRule ?? limitRule ?? rulesOfDecisions.get(id);
  if (!rule) return null;
  const nothing = { decision: null, hazard: null, limit: null };
  const facts = plan.clusters.flatMap((cluster): ExplainedFact[] => {
    const quote = (place: Place): QuotedPlace => ({ ...place, text: linesAt(treeOf(cluster.name), place) });
    return found(cluster, id).map(({ where, ...one }) => ({
      ...nothing,
      ...one,
      cluster: cluster.name,
      where: where.map(quote),
    }));
  });
  const { tell: _tell, ...told } = { tell: undefined, ...rule };
  return {
    id,
    sort: hazardRule ? 'hazard' : limitRule ? 'way back' : 'decision',
    rule: told,
    severities: [...(hazardRule?.severities ?? [])],
    facts,
  };
}

type Found = { where: Place[] } & Partial<Pick<ExplainedFact, 'decision' | 'hazard' | 'limit'>>;

/** What a cluster's plan has under an id: no two tables share one. */
function found({ decisions, hazards, wayBack }: ClusterPlan, id: string): Found[] {
  return [
    ...decisions
      .filter((decision) => decision.id === id)
      .map((decision) => ({ decision, where: decision.where })),
    ...hazards
      .filter((hazard) => hazard.id === id)
      .map((hazard) => ({ hazard, where: hazard.where ? [hazard.where] : [] })),
    ...wayBack.filter((limit) => limit.id === id).map((limit) => ({ limit, where: [] })),
  ];
}

/** Ids that look like what was typed, the nearest first. */
export function nearestIds(typed: string, many = 3): string[] {
  const likeness = (id: string): number => {
    const same = diffChars(typed.toLowerCase(), id)
      .filter(({ added, removed }) => !added && !removed)
      .reduce((sum, { value }) => sum + value.length, 0);
    return (2 * same) / (typed.length + id.length);
  };
  return [...rulesOfDecisions.keys(), ...rulesOfHazards.keys(), ...rulesOfWayBack.keys()]
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
