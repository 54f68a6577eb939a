/** What stands around the install and gets in the way of a handover, whatever its shape. */
import { componentOfKind } from '../flux-objects.ts';
import type { Scene } from '../scene.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';
import { branchRuleHazards } from './branch-rules.ts';
import { imageHazards } from './images.ts';
import { namespaceHazards } from './namespace-marks.ts';
import { operatorVersionHazards } from './operator-version.ts';
import { otherToolHazards } from './other-tools.ts';
import { pathHazards } from './paths.ts';
import { servedApiHazards } from './served-apis.ts';
import { templateHazards } from './templates.ts';
import { unlistedComponentHazards } from './unlisted-components.ts';

/** One pass over the text of what the cluster applies, for all who look for objects in it. */
const telling = new RegExp(
  [
    String.raw`toolkit\.fluxcd\.io/v\d+(alpha|beta)\d`,
    String.raw`argoproj\.io/`,
    String.raw`fleet\.cattle\.io/`,
    String.raw`fluxcd\.controlplane\.io/`,
    String.raw`^\s*kind:\s*["']?(Namespace|${Object.keys(componentOfKind).join('|')})\b`,
  ].join('|'),
  'm',
);

export function surroundingHazards(scene: Scene, parts: PlannedParts): Hazard[] {
  const objects = scene.find(telling);
  return [
    ...otherToolHazards(scene, parts, objects),
    ...servedApiHazards(scene, parts.legacy.version, objects),
    ...unlistedComponentHazards(parts, objects),
    ...namespaceHazards(scene, parts, objects),
    ...imageHazards(scene, parts),
    ...operatorVersionHazards(scene, parts.legacy.version),
    ...pathHazards(scene, parts),
    ...templateHazards(scene, parts),
    ...branchRuleHazards(scene),
  ];
}
