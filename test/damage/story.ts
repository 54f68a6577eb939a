/** What each story of harm consists of. */
import type { Loss } from './losses.ts';
import type { ShapeName, Stage } from './stage.ts';

export interface Story {
  /** What somebody does, in one line. */
  title: string;
  shape: ShapeName;
  /** Brings repository and cluster to the moment before. */
  prepare: (stage: Stage) => Promise<void>;
  /** The harmful step. @returns when Flux was told of it, in milliseconds */
  step: (stage: Stage) => Promise<number>;
  /** Seconds after the step within which all of the damage must be there. */
  within: number;
  /**
   * Expects the damage, and is tried until it is there.
   * @param losses objects that were there before the step and are not any more
   * @returns what no list of lost objects tells, in sentences
   */
  damage: (losses: readonly Loss[], stage: Stage) => Promise<string[]> | string[];
  /** Ids of the hazards that must stand in the way: of `plan` in the repository as it is then, of the commits themselves. */
  refusedAs: { plan: readonly string[]; commits: readonly string[] };
}

export const controllers = ['helm', 'kustomize', 'notification', 'source'].map(
  (name) => `flux-system/${name}-controller`,
);

/** Definitions of the four controllers' objects. */
export const fluxDefinitions = [
  'alerts.notification.toolkit.fluxcd.io',
  'buckets.source.toolkit.fluxcd.io',
  'externalartifacts.source.toolkit.fluxcd.io',
  'gitrepositories.source.toolkit.fluxcd.io',
  'helmcharts.source.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
  'helmrepositories.source.toolkit.fluxcd.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'ocirepositories.source.toolkit.fluxcd.io',
  'providers.notification.toolkit.fluxcd.io',
  'receivers.notification.toolkit.fluxcd.io',
];
