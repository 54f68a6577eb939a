/** Which controllers the FluxInstance lists, and what shows that they run. */
import { allComponents, componentOfKind, coreComponents } from './flux-objects.ts';
import type { Translation } from './patches.ts';
import type { Scene } from './scene.ts';
import type { Place } from './types.ts';
import { compareVersions } from './version.ts';

export interface ChosenComponents {
  components: string[];
  /** What shows it, and why one is out. */
  evidence: { component: string; why: string; where: Place | null }[];
}

/** What the legacy install brings, before patches. */
export interface InstalledComponents {
  components: string[];
  why: string;
  where: Place | null;
}

/**
 * What the legacy install brings, minus those whose Deployment a patch deletes; handover.yaml has the last word.
 * What really runs is only seen on the cluster: preflight compares.
 */
export function chooseComponents(
  scene: Scene,
  translation: Translation,
  installed: InstalledComponents,
): ChosenComponents {
  const configured: string[] | undefined = scene.cluster.components ?? scene.config.install.components;
  if (configured)
    return {
      components: allComponents.filter((component) => configured.includes(component)),
      evidence: configured.map((component) => ({ component, why: 'handover.yaml lists it', where: null })),
    };
  const components = allComponents.filter(
    (component) => installed.components.includes(component) && !translation.deleted.includes(component),
  );
  return {
    components,
    evidence: [
      { component: installed.components.join(', '), why: installed.why, where: installed.where },
      ...translation.deleted.map((component) => ({
        component,
        why: 'a patch deletes its Deployment: it is left out',
        where: null,
      })),
      ...inUse(scene).filter(({ component }) => !coreComponents.includes(component)),
    ],
  };
}

/** The first object that the cluster applies for each controller beyond the four. */
function inUse(scene: Scene): ChosenComponents['evidence'] {
  const seen = new Set<string>();
  return scene.find(/image\.toolkit\.fluxcd\.io|source\.extensions\.fluxcd\.io/).flatMap((manifest) => {
    const component = manifest.group.endsWith('fluxcd.io') ? componentOfKind[manifest.kind] : undefined;
    if (!component || seen.has(component)) return [];
    seen.add(component);
    return [{ component, why: `a ${manifest.kind} stands in the repository`, where: manifest.place() }];
  });
}

/**
 * What a release of fluxcd/flux2 ships. source-watcher came late: into `manifests/install` (and install.yaml) with 2.8.7, into the
 * artifact flux-manifests with 2.9.2.
 * @see https://github.com/fluxcd/flux2/pull/5881
 * @see https://github.com/fluxcd/flux2/pull/5995
 */
export function shippedComponents(version: string, form: 'artifact' | 'install'): string[] {
  const complete = version !== '' && compareVersions(version, form === 'artifact' ? '2.9.2' : '2.8.7') >= 0;
  return complete ? allComponents : allComponents.filter((component) => component !== 'source-watcher');
}
