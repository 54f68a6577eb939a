/** Where manifests and images of Flux come from today, and what of it the instance would not keep. */
import { field, isRecord, manifestsOf } from '../../repo/manifests.ts';
import type { Scene } from '../scene.ts';
import { note, refuse, warn } from '../hazard.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';

export function imageHazards(scene: Scene, parts: PlannedParts): Hazard[] {
  return [...patchedImages(scene, parts), ...sourceOfManifests(scene, parts)];
}

function sourceOfManifests({ tree, config }: Scene, { legacy }: PlannedParts): Hazard[] {
  const { ownerSource } = legacy;
  // A chart's images are its own matter: the planner of that shape judges them by the values.
  if (ownerSource?.kind !== 'OCIRepository' || legacy.shape === 'helm') return [];
  const manifest = manifestsOf(tree, ownerSource.where.file).find(
    ({ kind, name }) => kind === 'OCIRepository' && name === ownerSource.name,
  );
  const hazards: Hazard[] = [];
  const wanted = config.install.distributionRegistry.replace(/\/$/, '');
  const registry = ownerSource.url.replace(/^oci:\/\//, '').replace(/\/flux-manifests\/?$/, '');
  if (registry !== wanted)
    hazards.push(
      refuse('private-registry', manifest?.place('spec', 'url') ?? ownerSource.where, {
        what: `Flux's manifests come from ${registry}, and the instance would take its images from ${wanted}`,
        why: 'A registry that the cluster may not pull from leaves it without controllers at the first restart',
        mend: `Set install.distributionRegistry to where the controllers' images really come from (kubectl get deploy -n ${legacy.namespace} -o wide); a private one needs its pull secret on the service accounts, by a patch`,
      }),
    );
  if (isRecord(field(manifest?.value, 'spec', 'verify')))
    hazards.push(
      warn('verify-lost', manifest?.place('spec', 'verify') ?? ownerSource.where, {
        what: `The signature of ${ownerSource.url} is verified today (spec.verify)`,
        why: 'The operator builds from the manifests inside its own image, which Flux does not verify: that check ends with the handover',
        mend: 'Verify the images of the operator and of Flux by an admission policy, or accept it',
      }),
    );
  return hazards;
}

function patchedImages({ config }: Scene, { legacy }: PlannedParts): Hazard[] {
  const registry = config.install.distributionRegistry.replace(/\/$/, '');
  return legacy.patches.flatMap(({ patch, where }) => {
    const hazards: Hazard[] = [];
    for (const image of imagesIn(patch)) {
      const elsewhere = !image.startsWith(`${registry}/`);
      const words = {
        what: `A patch sets the image ${image}`,
        why: elsewhere
          ? `The instance is told to take its images from ${registry}; the patch would pin this one controller beside it, through every later upgrade`
          : 'The patch pins this one controller through every later upgrade',
        mend: elsewhere
          ? `Set install.distributionRegistry to ${image.replace(/\/[^/]+$/, '')}, remove the patch, and give the controllers' namespace the pull secret if the registry is private`
          : 'Remove the patch; the instance takes the image of the pinned version',
      };
      hazards.push(elsewhere ? refuse('image-patched', where, words) : warn('image-patched', where, words));
    }
    if (/imagePullSecrets/.test(patch))
      hazards.push(
        note('pull-secret-patched', where, {
          what: 'A patch sets imagePullSecrets; it is carried over',
          why: 'The secret that it names must stay where it is, or no controller starts again',
          mend: 'Keep the secret; later, distribution.imagePullSecret of the FluxInstance does the same',
        }),
      );
    return hazards;
  });
}

/** Of a strategic merge (`image: …`) and of JSON6902 (`path: …/image`, `value: …`), in any order. */
function imagesIn(patch: string): string[] {
  const merged = [...patch.matchAll(/^\s*-?\s*image:\s*["']?([^\s"'#]+)/gm)].map(([, image = '']) => image);
  const replaced = /path:\s*["']?\S*\/image["']?[\s,}]/.test(patch)
    ? [...patch.matchAll(/value:\s*["']?([^\s"',}#]+\/[^\s"',}#]+)/g)].map(([, image = '']) => image)
    : [];
  return [...new Set([...merged, ...replaced])];
}
