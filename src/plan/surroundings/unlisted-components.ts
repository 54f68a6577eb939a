/** Controllers whose objects are in use and which the instance would not have. */
import type { Manifest } from '../../repo/manifests.ts';
import { componentOfKind } from '../flux-objects.ts';
import { refuse } from '../hazard.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';

export function unlistedComponentHazards({ target }: PlannedParts, objects: Manifest[]): Hazard[] {
  if (target.components.length === 0) return [];
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const component = object.group.endsWith('fluxcd.io') ? componentOfKind[object.kind] : undefined;
    if (!component || target.components.includes(component) || seen.has(component)) return [];
    seen.add(component);
    return [
      refuse('component-left-out', object.place(), {
        what: `${object.kind} stands in the repository, and ${component} is not among the components of the plan`,
        why: 'A controller that runs and is not listed is not adopted: it loses its owner, and its CRDs may be collected with every object of theirs',
        mend: `Add ${component} to install.components (or clusters[].components) in handover.yaml; if it does not run, remove the object`,
      }),
    ];
  });
}
