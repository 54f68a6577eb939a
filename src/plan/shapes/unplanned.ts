/** What is said where no install of Flux was understood: what was looked for, and what was found. */
import { refuse } from '../hazard.ts';
import { outsideInstalls } from './helm-release.ts';
import { installsElsewhere, lookedFor } from './looked-for.ts';
import type { ShapePlanner } from './planner.ts';

export const refuseWithoutInstall: ShapePlanner = (scene, detected) => {
  const { shape, evidence, where, found } = detected;
  const [rendered] = found.rendered;
  if (rendered)
    return {
      hazards: [
        refuse(
          'rendered-by-helm',
          { file: rendered.file, line: 1 },
          {
            what: `${rendered.file} holds Flux's controllers as helm template of the community chart writes them`,
            why: 'Their names and labels are those of the chart and nobody has proven a handover of them: what the operator does not build stays behind, or is deleted with the file',
            mend: "Replace them first by flux bootstrap or by a Kustomization on flux-manifests at the same version, with the chart's CRDs kept, wait until that is Ready, and plan again",
          },
        ),
      ],
    };
  const [outside] = outsideInstalls(scene.tree, scene.folder);
  const byHand = outside ? `. ${outside.where.file} installs the chart flux2 with ${outside.by}` : '';
  const elsewhere = shape === 'none' ? installsElsewhere(scene).slice(0, 3) : [];
  return {
    hazards: [
      refuse('shape-not-offered', where ?? elsewhere[0] ?? null, {
        what: `${scene.folder} holds the shape ${shape}: ${evidence}${byHand}. ${lookedFor()}`,
        why: 'Without knowing who installs the controllers, nothing is safe to change',
        mend:
          elsewhere.length > 0
            ? `Check clusters[].path in handover.yaml: there is Flux in ${elsewhere.map(({ file }) => file).join(', ')}`
            : 'Check clusters[].path and clusters[].branch in handover.yaml; an install that was applied by hand must first be brought into Git, at the version that runs',
      }),
    ],
  };
};
