/** The steps of each legacy shape that has a handover. */
import type { ClusterPlan, LegacyShape } from '../../plan/types.ts';
import { bootstrapOnly } from './bootstrap-only.ts';
import { fluxBootstrap } from './flux-bootstrap.ts';
import { helm } from './helm.ts';
import { selfManaged } from './self-managed.ts';
import type { ShapeSteps } from './steps.ts';

const steps: Partial<Record<LegacyShape, ShapeSteps>> = {
  'self-managed': selfManaged,
  'bootstrap-only': bootstrapOnly,
  'flux-bootstrap': fluxBootstrap,
  helm,
};

/** @throws TypeError for a shape without a handover, which preflight refuses */
export function stepsOf({ legacy }: ClusterPlan): ShapeSteps {
  return stepsOfShape(legacy.shape);
}

/** @throws TypeError for a shape without a handover, which preflight refuses */
export function stepsOfShape(shape: LegacyShape): ShapeSteps {
  const found = steps[shape];
  if (!found) throw new TypeError(`the shape ${shape} has no steps`);
  return found;
}
