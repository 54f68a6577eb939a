/** API versions in the repository that the Flux version in use does not serve any more. */
import { isBelow } from '../../repo/snapshot.ts';
import type { Manifest } from '../../repo/manifests.ts';
import { refuse, warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import { atLeast } from '../version.ts';

/** By API version: the minor release of Flux whose CRDs no longer have it. From the release notes of 2.7, 2.8 and 2.9. */
const goneSince: Record<string, string> = {
  'source.toolkit.fluxcd.io/v1beta1': '2.7',
  'kustomize.toolkit.fluxcd.io/v1beta1': '2.7',
  'notification.toolkit.fluxcd.io/v1beta1': '2.7',
  'image.toolkit.fluxcd.io/v1beta1': '2.7',
  'helm.toolkit.fluxcd.io/v2beta1': '2.7',
  'source.toolkit.fluxcd.io/v1beta2': '2.8',
  'kustomize.toolkit.fluxcd.io/v1beta2': '2.8',
  'helm.toolkit.fluxcd.io/v2beta2': '2.8',
  'notification.toolkit.fluxcd.io/v1beta2': '2.9',
  'image.toolkit.fluxcd.io/v1beta2': '2.9',
};

/** Whether a version of Flux has no such API version any more; false for what is not one of Flux's old ones. */
export function goneAt(apiVersion: string, flux: string): boolean {
  const since = goneSince[apiVersion];
  return since !== undefined && flux !== '' && atLeast(flux, since);
}

/** One hazard for each API version; without a count, so that other people's commits do not move the digest. */
export function servedApiHazards(scene: Scene, version: string, objects: Manifest[]): Hazard[] {
  return Object.keys(goneSince).flatMap((apiVersion) => {
    if (!goneAt(apiVersion, version)) return [];
    const users = objects.filter((object) => object.apiVersion === apiVersion);
    const applied = users.find(({ file }) => isApplied(scene, file));
    const shown = applied ?? users[0];
    if (!shown) return [];
    const words = {
      what: `${apiVersion} stands in the repository, and Flux ${version} does not serve it any more`,
      why: applied
        ? 'The Kustomization that applies it fails, so no later commit reaches the cluster through it'
        : 'Nothing seems to apply it today; whatever does later will fail',
      mend: `flux migrate -f ${shown.file} rewrites it to the version that is served; wait until everything is Ready, and plan again`,
    };
    return [
      applied ? refuse('api-not-served', shown.place(), words) : warn('api-not-served', shown.place(), words),
    ];
  });
}

/** Only paths are compared: what is not listed in a kustomization file there counts as applied, which is the safe side. */
function isApplied({ kustomizations, elsewhere }: Scene, file: string): boolean {
  return (
    elsewhere.includes(file) || kustomizations.some(({ folder }) => folder !== '' && isBelow(file, folder))
  );
}
