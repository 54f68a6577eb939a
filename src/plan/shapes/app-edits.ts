/** The files of the two new apps, and the one that says whether the operator may act. */
import { posix } from 'node:path';
import type { Situation } from '../decisions.ts';
import type { Edits } from '../remove-file.ts';
import { renderChartSource, renderRelease, type ChartApp } from '../render/chart.ts';
import { instanceValues, renderInstance, type Instance } from '../render/instance.ts';
import { renderKustomization, renderResourceList } from '../render/kustomization.ts';
import type { FluxKustomization } from '../scene.ts';
import type { Style } from '../style.ts';
import type { Owner } from './owner.ts';

export interface ChangeRequest extends Omit<Situation, 'roots' | 'listFile'> {
  owner: Owner;
  /** The outermost Kustomization, with which a new cluster begins. */
  root: FluxKustomization;
  listFile: string;
  style: Style;
}

export function operatorEdits({ scene, appsFolder, source, style, legacy }: ChangeRequest): Edits {
  const folder = posix.join(appsFolder, 'flux-operator');
  const { install } = scene.config;
  const app: ChartApp = {
    name: 'flux-operator',
    namespace: scene.cluster.namespace,
    url: install.operatorChart,
    tag: install.operatorVersion,
    values: null,
  };
  return {
    [`${folder}/ks.yaml`]: renderKustomization(style, {
      name: app.name,
      namespace: app.namespace,
      path: `${folder}/app`,
      source,
      dependsOn: [],
    }),
    [`${folder}/app/kustomization.yaml`]: renderResourceList(style, [
      'ocirepository.yaml',
      'helmrelease.yaml',
    ]),
    [`${folder}/app/ocirepository.yaml`]: renderChartSource(style, app, legacy.version),
    [`${folder}/app/helmrelease.yaml`]: renderRelease(style, app, legacy.version),
  };
}

export function instanceEdits(request: ChangeRequest, folder: string): Edits {
  const { scene, source, style, target } = request;
  const files = target.instanceHelmRelease
    ? ['ocirepository.yaml', 'helmrelease.yaml']
    : ['fluxinstance.yaml'];
  return {
    [`${folder}/ks.yaml`]: renderKustomization(style, {
      name: target.instanceKustomization,
      namespace: scene.cluster.namespace,
      path: `${folder}/app`,
      source,
      dependsOn: [target.operatorKustomization],
    }),
    [`${folder}/app/kustomization.yaml`]: renderResourceList(style, files),
    ...(target.instanceHelmRelease
      ? {
          [`${folder}/app/ocirepository.yaml`]: renderChartSource(
            style,
            instanceChart(request, true),
            request.legacy.version,
          ),
        }
      : {}),
    ...instanceContent(request, folder, true),
  };
}

/** The one file that says whether the operator may act. */
export function instanceContent(request: ChangeRequest, folder: string, staged: boolean): Edits {
  if (request.target.instanceHelmRelease)
    return {
      [`${folder}/app/helmrelease.yaml`]: renderRelease(
        request.style,
        instanceChart(request, staged),
        request.legacy.version,
      ),
    };
  return { [`${folder}/app/fluxinstance.yaml`]: renderInstance(request.style, instanceOf(request), staged) };
}

export function instanceOf({ scene, target, legacy, translation }: ChangeRequest): Instance {
  return {
    namespace: scene.cluster.namespace,
    version: target.distributionVersion,
    registry: scene.config.install.distributionRegistry,
    components: target.components,
    networkPolicy: legacy.networkPolicies,
    patches: translation.carried,
  };
}

function instanceChart(request: ChangeRequest, staged: boolean): ChartApp {
  const { install } = request.scene.config;
  return {
    name: 'flux-instance',
    namespace: request.scene.cluster.namespace,
    url: install.instanceChart,
    tag: install.operatorVersion,
    values: instanceValues(instanceOf(request), staged),
  };
}
