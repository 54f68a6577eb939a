/** Judges the values of the chart flux2: which controllers run, what is carried over, and what is refused by name. */
import { isDeepStrictEqual } from 'node:util';
import { field, isRecord, type Manifest } from '../../repo/manifests.ts';
import { refuse } from '../hazard.ts';
import type { CarriedPatch } from '../patches.ts';
import type { Hazard } from '../types.ts';
import {
  carriedControllerValues,
  chartControllers,
  chartValues,
  fixedControllerValues,
  fixedValues,
  type ChartController,
} from './helm-controllers.ts';
import { helmPatches } from './helm-patches.ts';

export interface TranslatedValues {
  components: string[];
  networkPolicies: boolean;
  patches: CarriedPatch[];
  /** `host/path` that holds the images, without the controllers' names. */
  registry: string;
  hazards: Hazard[];
}

/** @param release the HelmRelease, for places; its values stand at `spec.values` */
export function translateValues(release: Manifest, registry: string): TranslatedValues {
  const values = recordOf(field(release.value, 'spec', 'values'));
  const running = chartControllers.filter(
    ({ key, created }) => (field(values, key, 'create') ?? created) === true,
  );
  const hazards: Hazard[] = [];
  const reject = (path: string[], what: string, mend: string): number =>
    hazards.push(
      refuse('helm-value-not-carried', release.place('spec', 'values', ...path), {
        what: `the values of HelmRelease ${release.name} set ${path.join('.')}: ${what}`,
        why: 'A FluxInstance would run Flux without it, and nobody would be told',
        mend,
      }),
    );
  for (const key of Object.keys(values))
    if (!chartValues.has(key) && !chartControllers.some((controller) => controller.key === key))
      reject([key], 'it is not known to this tool', 'Remove it if it does nothing, or hand over by hand');
  rejectOthers(values, [], fixedValues, reject);
  for (const controller of running) rejectOfController(values, controller, reject);
  const registries = [...new Set(running.map((controller) => registryOf(values, controller)))];
  const [only = registry] = registries;
  if (registries.length > 1 || only !== registry)
    hazards.push(
      refuse('helm-registry-differs', release.place('spec', 'values'), {
        what: `the images come from ${registries.join(' and ')}, install.distributionRegistry is ${registry}`,
        why: 'The controllers would be pulled from somewhere else in the middle of the adoption',
        mend:
          registries.length > 1
            ? 'Let all controllers come from one registry first'
            : `Set install.distributionRegistry to ${only}`,
      }),
    );
  return {
    components: running.map(({ component }) => component),
    networkPolicies: field(values, 'policies', 'create') !== false,
    patches: helmPatches(values, running),
    registry: only,
    hazards,
  };
}

type Reject = (path: string[], what: string, mend: string) => void;

function rejectOthers(
  values: Record<string, unknown>,
  above: string[],
  fixed: typeof fixedValues,
  reject: Reject,
): void {
  for (const { path, value, meaning } of fixed) {
    const found = field(values, ...path);
    // Helm takes null as "the chart's default is gone", which is not the default.
    if (found !== undefined && !isDeepStrictEqual(found, value))
      reject(
        [...above, ...path],
        meaning,
        'Take it out of the release first (write what it makes as manifests of your own where it is needed), then plan again',
      );
  }
}

function rejectOfController(values: Record<string, unknown>, { key }: ChartController, reject: Reject): void {
  const own = recordOf(values[key]);
  rejectOthers(own, [key], fixedControllerValues, reject);
  const known = new Set([...carriedControllerValues, ...fixedControllerValues.map(({ path }) => path[0])]);
  for (const name of Object.keys(own))
    if (!known.has(name))
      reject(
        [key, name],
        'it is not known to this tool',
        'Remove it if it does nothing, or hand over by hand',
      );
}

/** `ghcr.io/fluxcd/source-controller` gives `ghcr.io/fluxcd`; an image of another name is given whole. */
function registryOf(values: Record<string, unknown>, { key, component }: ChartController): string {
  const image = field(values, key, 'image');
  if (typeof image !== 'string' || image === '') return 'ghcr.io/fluxcd';
  return image.endsWith(`/${component}`) ? image.slice(0, -component.length - 1) : image;
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
