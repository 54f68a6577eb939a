/** What is said where there is nothing to hand over, or nothing that is understood. */
import { refuse } from '../hazard.ts';
import type { ShapePlanner } from './planner.ts';

export const refuseOperator: ShapePlanner = ({ folder }, { evidence, where }) => ({
  hazards: [
    refuse('instance-exists', where, {
      what: `Flux Operator is already there: ${evidence}`,
      why: 'A second install beside it would fight over the controllers',
      mend: `Nothing to hand over; if it is what is left of an attempt, remove it from ${folder} and plan again`,
    }),
  ],
});

export const refuseWithoutInstall: ShapePlanner = ({ folder }, { shape, evidence, where }) => ({
  hazards: [
    refuse('shape-not-offered', where, {
      what: `${folder} holds the shape ${shape}: ${evidence}`,
      why: 'No way forward and back is proven for it, so it is refused, not guessed',
      mend: 'Check clusters[].path and clusters[].branch in handover.yaml',
    }),
  ],
});
