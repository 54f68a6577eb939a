/** The one table of rules: every decision and every hazard of a plan has an entry, or it does not compile. */
import { appRules } from './apps.ts';
import { collectionRules } from './collection.ts';
import { decisionRules } from './decisions.ts';
import { helmRules } from './helm.ts';
import { installRules } from './install.ts';
import { instanceRules } from './instance.ts';
import { legacyShapeRules } from './legacy-shapes.ts';
import { ownerRules } from './owner.ts';
import { readingRules } from './reading.ts';
import { rootRules } from './roots.ts';
import { shapeRules } from './shape.ts';
import { surroundingRules } from './surroundings.ts';

export const hazardRules = {
  ...shapeRules,
  ...collectionRules,
  ...ownerRules,
  ...rootRules,
  ...installRules,
  ...instanceRules,
  ...appRules,
  ...legacyShapeRules,
  ...readingRules,
  ...helmRules,
  ...surroundingRules,
} as const;

export { decisionRules };

type HazardTable = typeof hazardRules;

export type DecisionId = keyof typeof decisionRules;
export type HazardId = keyof HazardTable;

/** Hazards that may come with a severity. */
export type HazardIdOf<Severity extends string> = {
  [Id in HazardId]: Severity extends HazardTable[Id]['severities'][number] ? Id : never;
}[HazardId];
