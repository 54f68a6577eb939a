/** Whether the operator (and its charts) of the plan can build the Flux version that runs, and are pinned. */
import { refuse } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import { compareVersions } from '../version.ts';

/**
 * The Flux releases that an operator carries inside; without `distribution.artifact` only these can be built. From
 * config/data/flux of flux-operator 0.58.1; releases that are missing there (2.8.4) can not be built.
 */
const embedded = { operator: '0.58.0', next: '0.59.0' };
const patchesOfMinor: Record<string, number[]> = {
  '2.2': [3],
  '2.3': [0],
  '2.4': [0],
  '2.5': [0, 1],
  '2.6': [0, 1, 2, 3, 4],
  '2.7': [0, 1, 2, 3, 4, 5],
  '2.8': [0, 1, 2, 3, 5, 6, 7, 8],
  '2.9': [0, 1, 2, 3, 4],
};
const carried = Object.entries(patchesOfMinor).flatMap(([release, patches]) =>
  patches.map((patch) => `${release}.${patch}`),
);
const newestFlux = carried.at(-1) ?? '';

export function operatorVersionHazards({ config }: Scene, version: string): Hazard[] {
  const { operatorVersion, operatorChart, instanceChart, instanceAs } = config.install;
  const hazards = [operatorChart, ...(instanceAs === 'chart' ? [instanceChart] : [])].flatMap((chart) => {
    const named = chart.replace(/^oci:\/\//, '');
    // A port is followed by a path, a tag is not.
    const floats = /(:[^/]+|@[^/]+)$/.test(named);
    if (chart.startsWith('oci://') && !floats) return [];
    return [
      refuse('chart-not-pinned', null, {
        what: `${chart} in handover.yaml ${floats ? 'carries a tag or digest of its own' : 'is no OCI chart'}`,
        why: 'The plan pins every chart by install.operatorVersion; a second reference could float, or name another version',
        mend: 'Write it as oci://HOST/PATH/CHART, without a tag, and set install.operatorVersion',
      }),
    ];
  });
  if (version === '' || carries(operatorVersion, version)) return hazards;
  return [
    ...hazards,
    refuse('operator-too-old', null, {
      what: `Flux Operator ${operatorVersion} is not known to carry the manifests of Flux ${version}`,
      why: 'The FluxInstance would stay at BuildFailed, in the middle of the handover',
      mend: newest(version)
        ? 'Set install.operatorVersion to a release that came after that version of Flux'
        : `Set install.operatorVersion to ${embedded.operator} or later; if that is done, upgrade Flux with the legacy install to a release that is carried, such as ${newestFlux}`,
    }),
  ];
}

function carries(operator: string, flux: string): boolean {
  // What came after the newest one that is known here may be in a later operator.
  if (newest(flux)) return compareVersions(operator, embedded.next) >= 0;
  return carried.includes(flux) && compareVersions(operator, embedded.operator) >= 0;
}

function newest(flux: string): boolean {
  return compareVersions(flux, newestFlux) > 0;
}
