/** The registry of planners: one for each shape that a cluster's folder can have. */
import type { LegacyShape } from '../types.ts';
import { planBootstrapOnly } from './bootstrap-only.ts';
import { planFluxBootstrap } from './flux-bootstrap.ts';
import { planHelm } from './helm.ts';
import { planOperator } from './operator.ts';
import type { ShapePlanner } from './planner.ts';
import { planSelfManaged } from './self-managed.ts';
import { refuseWithoutInstall } from './unplanned.ts';

export const planners: Record<LegacyShape, ShapePlanner> = {
  'self-managed': planSelfManaged,
  'bootstrap-only': planBootstrapOnly,
  'flux-bootstrap': planFluxBootstrap,
  helm: planHelm,
  operator: planOperator,
  none: refuseWithoutInstall,
  unknown: refuseWithoutInstall,
};
