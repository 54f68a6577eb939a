/** What an entry of the table of rules says: enough for a person to check the rule against its source. */
import type { Hazard } from '../types.ts';

export interface DecisionRule {
  /** A few words, as a heading. */
  title: string;
  /** What is read, in the repository and in handover.yaml. */
  looksFor: string;
  /** How the answer follows from it. */
  rule: string;
  /** What would go wrong otherwise, in one or two sentences. */
  why: string;
  /** Where the rule comes from: a Flux code path, an upstream thread, an API's documentation, or this tool's own promise. */
  source: string;
}

export interface HazardRule extends DecisionRule {
  /** Every severity that it may come with, the worst first. */
  severities: readonly [Hazard['severity'], ...Hazard['severity'][]];
}

export type DecisionRules = Readonly<Record<string, DecisionRule>>;
export type HazardRules = Readonly<Record<string, HazardRule>>;
