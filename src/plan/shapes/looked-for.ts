/** Says in words what was looked for in a cluster's folder, and what of it is there. */
import type { Scene } from '../scene.ts';
import { refuse } from '../hazard.ts';
import type { Hazard, Place } from '../types.ts';
import type { DetectedShape } from './detect.ts';
import { gatherEvidence } from './evidence.ts';

const everything =
  'Kustomizations on flux-manifests or fluxcd/flux2, kustomization files that pull fluxcd/flux2, gotk-components.yaml and gotk-sync.yaml, files with the Deployments of the controllers, HelmReleases of the chart flux2, FluxInstances, and Terraform with flux_bootstrap_git';

export function lookedFor(): string {
  return `Looked for: ${everything}`;
}

/** What there is of a legacy install, with its files. */
export function listOfLegacy({ kustomizations }: Scene, { found }: DetectedShape): string[] {
  const owners = kustomizations.filter(({ source }) =>
    found.fluxSources.some(({ kind, name }) => kind === source.kind && name === source.name),
  );
  const gotk = found.gotkFiles.filter(({ placeholder }) => !placeholder).map(({ file }) => file);
  const rendered = found.rendered.map(({ file }) => file).filter((file) => !gotk.includes(file));
  // A sync alone may be what the move leaves, as plain files.
  const withControllers = gotk.some((file) => found.rendered.some((install) => install.file === file));
  return [
    ...owners.map(({ name, manifest }) => `the Kustomization ${name} (${manifest.file})`),
    ...(withControllers ? gotk : []),
    ...rendered,
    ...found.releases.map(({ name, file }) => `the HelmRelease ${name} (${file})`),
    ...found.bootstraps.map(({ file }) => file),
  ];
}

/** Two installs beside each other; a bootstrap folder beside an owner is none. */
export function twoInstalls(scene: Scene, detected: DetectedShape): Hazard[] {
  const { found, shape, where } = detected;
  if (shape === 'operator') return [];
  const installs = listOfLegacy(scene, detected).filter(
    (words) => !found.bootstraps.some(({ file }) => file === words),
  );
  const kinds = [
    found.fluxSources.length > 0 && shape === 'self-managed',
    found.rendered.length > 0,
    found.releases.length > 0,
  ].filter(Boolean);
  if (kinds.length < 2) return [];
  return [
    refuse('two-installs', where, {
      what: `Flux is installed twice: by ${installs.join(' and by ')}`,
      why: 'Both apply the same controllers: making one harmless leaves the other one to delete or to change what the operator has',
      mend: 'Find out which one owns the live controllers (flux trace deployment source-controller -n flux-system), take the other one out of Git without letting it prune, and plan again',
    }),
  ];
}

/** Places elsewhere in the repository that hold a Flux install: most often the path in handover.yaml is one folder off. */
export function installsElsewhere({ tree, folder }: Scene): Place[] {
  const found = gatherEvidence(tree, '');
  const places = [
    ...found.operator.map((manifest) => manifest.place()),
    ...found.fluxSources.map((manifest) => manifest.place()),
    ...found.gotkFiles.map(({ file }) => ({ file, line: 1 })),
    ...found.releases.map((manifest) => manifest.place()),
    ...found.bootstraps.map((manifest) => manifest.place()),
  ];
  return places.filter(({ file }) => !file.startsWith(`${folder}/`));
}
