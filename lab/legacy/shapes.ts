// The legacy shapes that the lab can raise on `edge`: what its branch holds, where Flux lies in it, and how a person installs it.

import type { Lab } from '../description.ts';
import type { InstallStep } from './install/steps.ts';
import { installBootstrapOnly } from './install/bootstrap-only.ts';
import { installByFluxBootstrap } from './install/flux-bootstrap.ts';
import { installByHelm } from './install/helm.ts';
import { installSelfManaged } from './install/self-managed.ts';

export interface LabShape {
  /** The cluster's folder on its branch, which `clusters[].path` of a handover.yaml names. */
  readonly path: (cluster: string) => string;
  /** Folders of lab/gitops that make up the branch, in this order. */
  readonly parts: readonly string[];
  /** Files of the parts that this shape does not have. */
  readonly without: readonly string[];
  readonly install: InstallStep;
}

/** What a cluster of the fleet is raised with when nobody asks for another. */
export const usualShape = 'self-managed';

const labShapes = {
  'self-managed': {
    path: (cluster) => `kubernetes/${cluster}`,
    parts: ['edge'],
    without: [],
    install: installSelfManaged,
  },
  'bootstrap-only': {
    path: (cluster) => `kubernetes/${cluster}`,
    parts: ['edge', 'bootstrap-only'],
    // Nothing in Git owns the controllers: the bootstrap folder is all there is.
    without: ['kubernetes/edge/flux/config/flux.yaml'],
    install: installBootstrapOnly,
  },
  'flux-bootstrap': {
    path: (cluster) => `clusters/${cluster}`,
    parts: ['flux-bootstrap'],
    without: ['Taskfile.yaml'],
    install: installByFluxBootstrap,
  },
  helm: {
    path: (cluster) => `kubernetes/${cluster}`,
    parts: ['edge', 'helm'],
    without: ['kubernetes/edge/flux/config/flux.yaml', 'kubernetes/edge/bootstrap/flux/kustomization.yaml'],
    install: installByHelm,
  },
} as const satisfies Record<string, LabShape>;

/** @throws Error that lists the shapes there are. */
export function labShape(name: string): LabShape {
  const shapes: Readonly<Record<string, LabShape>> = labShapes;
  const found = shapes[name];
  if (found !== undefined) return found;
  throw new Error(`The lab has no shape ${name}; it has ${Object.keys(shapes).join(', ')}.`);
}

/** The shape of one cluster of the fleet. */
export function shapeOf(lab: Lab, cluster: string): LabShape {
  return labShape(cluster === 'edge' ? lab.edgeShape : usualShape);
}
