/** Which controllers the FluxInstance lists, and what shows that they are in use. */
import { findManifests } from '../repo/manifests.ts';
import { allComponents, componentOfKind, coreComponents } from './flux-objects.ts';
import type { Translation } from './patches.ts';
import type { Scene } from './scene.ts';
import type { Place } from './types.ts';

export interface ChosenComponents {
  components: string[];
  /** Why one beyond the four is in, or one of the four is out. */
  evidence: { component: string; why: string; where: Place | null }[];
}

/**
 * The four, plus those whose objects stand in the cluster's folder or which a patch names, minus those whose Deployment a patch deletes.
 * What really runs is only seen on the cluster: preflight compares.
 */
export function chooseComponents(scene: Scene, translation: Translation): ChosenComponents {
  const configured: string[] | undefined = scene.cluster.components ?? scene.config.install.components;
  if (configured)
    return {
      components: allComponents.filter((component) => configured.includes(component)),
      evidence: configured.map((component) => ({ component, why: 'handover.yaml lists it', where: null })),
    };

  const evidence: ChosenComponents['evidence'] = [];
  const chosen = new Set(coreComponents);
  const add = (component: string, why: string, where: Place | null): void => {
    if (!chosen.has(component)) evidence.push({ component, why, where });
    chosen.add(component);
  };
  for (const manifest of findManifests(
    scene.tree,
    scene.folder,
    /image\.toolkit\.fluxcd\.io|source\.extensions\.fluxcd\.io/,
  )) {
    const component = manifest.group.endsWith('fluxcd.io') ? componentOfKind[manifest.kind] : undefined;
    if (!component) continue;
    add(component, `a ${manifest.kind} stands in the repository`, manifest.place());
    // Image automation acts on what the reflector found.
    if (component === 'image-automation-controller')
      add('image-reflector-controller', 'image automation needs it', manifest.place());
  }
  for (const component of translation.named) add(component, 'a patch names it', null);
  for (const component of translation.deleted) {
    if (chosen.delete(component) || coreComponents.includes(component))
      evidence.push({ component, why: 'a patch deletes its Deployment: it is left out', where: null });
  }
  return { components: allComponents.filter((component) => chosen.has(component)), evidence };
}
