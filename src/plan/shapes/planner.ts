/** What a planner of one shape takes and gives; the registry in index.ts lists them all. */
import type { Scene } from '../scene.ts';
import type { Style } from '../style.ts';
import type { ClusterPlan, Hazard } from '../types.ts';
import type { DetectedShape } from './detect.ts';

/** A cluster's plan without what is the same for every shape. */
export type PlannedParts = Omit<ClusterPlan, 'name' | 'branch' | 'commit' | 'digest' | 'wayBack'>;

/**
 * Plans one shape. Where it can not go on it gives the parts that it knows, with a refusal among the hazards; it never throws
 * for what is in the repository.
 * @param readStyle how the files next to a kustomization file (or in a folder, where Flux makes the list itself) are written
 */
export type ShapePlanner = (
  scene: Scene,
  detected: DetectedShape,
  readStyle: (listFile: string) => Style,
) => Partial<PlannedParts> & { hazards: Hazard[] };
