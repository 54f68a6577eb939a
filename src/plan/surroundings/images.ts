/** Patches that change where the controllers' images come from. */
import type { Scene } from '../scene.ts';
import { note, refuse, warn } from '../hazard.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';

export function imageHazards({ config }: Scene, { legacy }: PlannedParts): Hazard[] {
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
