/** The files of the two new apps, and the one that says whether the operator may act. */
import { posix } from 'node:path';
import type { Edits } from '../remove-file.ts';
import { renderChartSource, renderRelease, type ChartApp } from '../render/chart.ts';
import { instanceValues, renderInstance, type Instance } from '../render/instance.ts';
import { renderKustomization, renderResourceList } from '../render/kustomization.ts';
import type { Style } from '../style.ts';
import type { ChangeRequest } from './commits.ts';

export function operatorEdits({ scene, source, style, legacy, operatorValues }: ChangeRequest): Edits {
  const { install } = scene.config;
  const app: ChartApp = {
    name: 'flux-operator',
    namespace: scene.cluster.namespace,
    url: install.operatorChart,
    tag: install.operatorVersion,
    values: operatorValues,
  };
  const folder = style.layout.contents(app.name);
  return {
    ...wrapperEdits(style, app.name),
    [style.layout.kustomization(app.name)]: renderKustomization(style, {
      name: app.name,
      namespace: app.namespace,
      path: folder,
      source,
      dependsOn: [],
    }),
    [posix.join(folder, 'kustomization.yaml')]: renderResourceList(style, [
      'ocirepository.yaml',
      'helmrelease.yaml',
    ]),
    [posix.join(folder, 'ocirepository.yaml')]: renderChartSource(style, app, legacy.version),
    [posix.join(folder, 'helmrelease.yaml')]: renderRelease(style, app, legacy.version),
  };
}

export function instanceEdits(request: ChangeRequest): Edits {
  const { scene, source, style, target } = request;
  const folder = style.layout.contents('flux-instance');
  const files = target.instanceHelmRelease
    ? ['ocirepository.yaml', 'helmrelease.yaml']
    : ['fluxinstance.yaml'];
  return {
    ...wrapperEdits(style, 'flux-instance'),
    [style.layout.kustomization('flux-instance')]: renderKustomization(style, {
      name: target.instanceKustomization,
      namespace: scene.cluster.namespace,
      path: folder,
      source,
      dependsOn: [target.operatorKustomization],
    }),
    [posix.join(folder, 'kustomization.yaml')]: renderResourceList(style, files),
    ...(target.instanceHelmRelease
      ? {
          [posix.join(folder, 'ocirepository.yaml')]: renderChartSource(
            style,
            instanceChart(request, true),
            request.legacy.version,
          ),
        }
      : {}),
    ...instanceContent(request, true),
  };
}

/** The one file that says whether the operator may act. */
export function instanceContent(request: ChangeRequest, staged: boolean): Edits {
  const { style, legacy, target } = request;
  const folder = style.layout.contents('flux-instance');
  return target.instanceHelmRelease
    ? {
        [posix.join(folder, 'helmrelease.yaml')]: renderRelease(
          style,
          instanceChart(request, staged),
          legacy.version,
        ),
      }
    : { [posix.join(folder, 'fluxinstance.yaml')]: renderInstance(style, instanceOf(request), staged) };
}

export function instanceOf({ scene, target, legacy, translation }: ChangeRequest): Instance {
  return {
    namespace: scene.cluster.namespace,
    version: target.distributionVersion,
    registry: scene.config.install.distributionRegistry,
    components: target.components,
    networkPolicy: legacy.networkPolicies,
    sync: target.sync,
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

/** Keeps Flux, where it makes the list itself, from going down into the contents, which are the app's own. */
function wrapperEdits(style: Style, app: string): Edits {
  const wrapper = style.layout.wrapper(app);
  return wrapper
    ? { [wrapper]: renderResourceList(style, [posix.basename(style.layout.kustomization(app))]) }
    : {};
}
