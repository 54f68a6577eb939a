/** Flux Operator and a FluxInstance as somebody in a hurry adds them: applied like every other app, so they prune. */
import { stringify } from 'yaml';

/** Where a repository keeps the Kustomizations and the files of Flux's own apps. */
export interface AppPlaces {
  /** File of the Kustomization, and folder that it applies, for an app's name. */
  kustomizationFile: (app: string) => string;
  folder: (app: string) => string;
  /** GitRepository that all Kustomizations read. */
  source: string;
}

export type Files = Record<string, string>;

export const everyController = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];

/** What runs in the lab, adopted without a thought for anything else. */
export function plainInstance(networkPolicy: boolean, more: object = {}): object {
  return {
    distribution: { version: '2.9.2', registry: 'ghcr.io/fluxcd' },
    components: everyController,
    cluster: { type: 'kubernetes', networkPolicy },
    ...more,
  };
}

export function operatorApp(places: AppPlaces): Files {
  const metadata = { name: 'flux-operator', namespace: 'flux-system' };
  return app(places, 'flux-operator', [], {
    'ocirepository.yaml': {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata,
      spec: {
        interval: '1h',
        url: 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator',
        layerSelector: {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          operation: 'copy',
        },
        ref: { tag: '0.58.1' },
      },
    },
    'helmrelease.yaml': {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata,
      spec: { interval: '1h', chartRef: { kind: 'OCIRepository', name: 'flux-operator' } },
    },
  });
}

export function instanceApp(places: AppPlaces, spec: object): Files {
  return app(places, 'flux-instance', ['flux-operator'], { 'fluxinstance.yaml': fluxInstance(spec) });
}

function fluxInstance(spec: object): object {
  return {
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    metadata: { name: 'flux', namespace: 'flux-system' },
    spec,
  };
}

/** The file of the FluxInstance alone, to change it. */
export function instanceFile(places: AppPlaces, spec: object): Files {
  return { [`${places.folder('flux-instance')}/fluxinstance.yaml`]: stringify(fluxInstance(spec)) };
}

function app(places: AppPlaces, name: string, dependsOn: string[], objects: Record<string, object>): Files {
  const folder = places.folder(name);
  const kustomization = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '30m',
      retryInterval: '1m',
      timeout: '5m',
      path: `./${folder}`,
      prune: true,
      wait: true,
      sourceRef: { kind: 'GitRepository', name: places.source },
      ...(dependsOn.length > 0 ? { dependsOn: dependsOn.map((dependency) => ({ name: dependency })) } : {}),
    },
  };
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: Object.keys(objects).map((file) => `./${file}`),
  };
  return {
    [places.kustomizationFile(name)]: stringify(kustomization),
    [`${folder}/kustomization.yaml`]: stringify(list),
    ...Object.fromEntries(
      Object.entries(objects).map(([file, object]) => [`${folder}/${file}`, stringify(object)]),
    ),
  };
}
