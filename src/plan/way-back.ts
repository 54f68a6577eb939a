/** What of a plan a rollback will not bring back by itself, from the table beside the rules. */
import { phasesOf } from './phases.ts';
import { wayBackRules, type PlanFacts, type WayBackId, type WayBackRule } from './rules/way-back.ts';
import type { WayBackLimit } from './types.ts';

const rules = Object.entries(wayBackRules) as [WayBackId, WayBackRule][];

/** In the order in which they begin to hold; empty where nothing is changed, so that nothing has to come back. */
export function wayBackLimits(plan: PlanFacts): WayBackLimit[] {
  const [first] = plan.changes;
  if (!first) return [];
  const order = (phasesOf(plan.legacy.shape) ?? plan.changes.map(({ phase }) => ({ name: phase }))).map(
    ({ name }) => name,
  );
  return rules
    .flatMap(([id, { outcome, since, tell, why }]) => {
      const told = tell(plan);
      return told
        ? [{ id, outcome, since: since ?? first.phase, what: told.what, why: sentence(why), mend: told.mend }]
        : [];
    })
    .toSorted((left, right) => order.indexOf(left.since) - order.indexOf(right.since));
}

/** As in a hazard: without the full stop. */
function sentence(text: string): string {
  return text.replace(/\.$/, '');
}
