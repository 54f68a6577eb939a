/** Every judgement of the watch about one sight of the cluster, the dangerous ones first. Pure but for the tally. */
import type { Fault, Sight } from './fault.ts';
import { judgeControllers } from './judge-controllers.ts';
import { judgeHealth } from './judge-health.ts';
import { judgeIdentities } from './judge-identities.ts';
import { judgeInstance, judgeOperator } from './judge-instance.ts';
import { judgeOwner, judgeRoots } from './judge-owner.ts';
import type { Tally } from './tally.ts';

export function judgeSight(sight: Sight, tally: Tally): Fault[] {
  return [
    ...judgeInstance(sight),
    ...judgeOwner(sight),
    ...judgeRoots(sight),
    ...judgeIdentities(sight),
    ...judgeControllers(sight),
    ...judgeOperator(sight),
    ...judgeHealth(sight, tally),
  ];
}
