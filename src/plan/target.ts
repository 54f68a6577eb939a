/** Names what the plan will create, for the phases that wait for it. */
import type { Scene } from './scene.ts';
import type { PlannedSync, PlannedTarget } from './types.ts';

/** @param parent name of the Kustomization that applies the new apps, '' where there is none */
export function plannedTarget(
  scene: Scene,
  version: string,
  components: string[],
  parent: string,
  sync: PlannedSync | null = null,
): PlannedTarget {
  const { install } = scene.config;
  const fromChart = install.instanceAs === 'chart';
  return {
    namespace: scene.cluster.namespace,
    operatorKustomization: 'flux-operator',
    instanceKustomization: 'flux-instance',
    operatorHelmRelease: 'flux-operator',
    instanceHelmRelease: fromChart ? 'flux-instance' : null,
    instanceName: 'flux',
    sync,
    components,
    distributionVersion: version,
    parentKustomization: parent,
    charts: [
      `${install.operatorChart}:${install.operatorVersion}`,
      ...(fromChart ? [`${install.instanceChart}:${install.operatorVersion}`] : []),
    ],
    images: [`ghcr.io/controlplaneio-fluxcd/flux-operator:v${install.operatorVersion}`],
  };
}
