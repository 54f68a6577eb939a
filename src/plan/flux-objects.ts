/** Which objects a Flux distribution consists of, so that a patch can be told to match or not. Names as of Flux 2.9. */

export interface FluxObject {
  group: string;
  kind: string;
  name: string;
}

export const coreComponents = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];
const extraComponents = ['image-reflector-controller', 'image-automation-controller', 'source-watcher'];
export const allComponents = [...coreComponents, ...extraComponents];

/** Kinds that need a controller beyond the four. */
export const componentOfKind: Record<string, string> = {
  ImageRepository: 'image-reflector-controller',
  ImagePolicy: 'image-reflector-controller',
  ImageUpdateAutomation: 'image-automation-controller',
  ArtifactGenerator: 'source-watcher',
};

const definitions: Record<string, string[]> = {
  'source-controller': [
    'buckets',
    'externalartifacts',
    'gitrepositories',
    'helmcharts',
    'helmrepositories',
    'ocirepositories',
  ].map((plural) => `${plural}.source.toolkit.fluxcd.io`),
  'kustomize-controller': ['kustomizations.kustomize.toolkit.fluxcd.io'],
  'helm-controller': ['helmreleases.helm.toolkit.fluxcd.io'],
  'notification-controller': ['alerts', 'providers', 'receivers'].map(
    (plural) => `${plural}.notification.toolkit.fluxcd.io`,
  ),
  'image-reflector-controller': ['imagepolicies', 'imagerepositories'].map(
    (plural) => `${plural}.image.toolkit.fluxcd.io`,
  ),
  'image-automation-controller': ['imageupdateautomations.image.toolkit.fluxcd.io'],
  'source-watcher': ['artifactgenerators.source.extensions.fluxcd.io'],
};

const services: Record<string, string[]> = {
  'source-controller': ['source-controller'],
  'notification-controller': ['notification-controller', 'webhook-receiver'],
  'source-watcher': ['source-watcher'],
};

/** Objects of cluster-wide meaning: `flux install` and the operator append the namespace to their names, `manifests/install` does not. */
const suffixedNames: [group: string, kind: string, names: string[]][] = [
  ['', 'ResourceQuota', ['critical-pods']],
  ['rbac.authorization.k8s.io', 'ClusterRole', ['crd-controller', 'flux-edit', 'flux-view']],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding', ['cluster-reconciler', 'crd-controller']],
];

export function isSuffixed(name: string): boolean {
  return suffixedNames.some(([, , names]) => names.includes(name));
}

/** `Kind/name` of the objects whose name has no suffix in `manifests/install`. */
export function unsuffixedObjects(): string[] {
  return suffixedNames.flatMap(([, kind, names]) => names.map((name) => `${kind}/${name}`));
}

export const networkPolicyNames = ['allow-egress', 'allow-scraping', 'allow-webhooks'];

/**
 * The objects of a build with these components. Cluster-wide names carry the namespace as a suffix, as both
 * oci://ghcr.io/fluxcd/flux-manifests and the operator's build have it; kustomize also matches the name without it.
 */
export function objectsOf(components: string[], namespace: string, networkPolicies: boolean): FluxObject[] {
  const suffixed = suffixedNames.flatMap(([group, kind, names]) =>
    names.flatMap((name) => [name, `${name}-${namespace}`].map((either) => ({ group, kind, name: either }))),
  );
  return [
    { group: '', kind: 'Namespace', name: namespace },
    ...suffixed,
    ...(networkPolicies
      ? networkPolicyNames.map((name) => ({ group: 'networking.k8s.io', kind: 'NetworkPolicy', name }))
      : []),
    ...components.flatMap((component) => [
      { group: 'apps', kind: 'Deployment', name: component },
      { group: '', kind: 'ServiceAccount', name: component },
      ...(services[component] ?? []).map((name) => ({ group: '', kind: 'Service', name })),
      ...(definitions[component] ?? []).map((name) => ({
        group: 'apiextensions.k8s.io',
        kind: 'CustomResourceDefinition',
        name,
      })),
    ]),
  ];
}

/** Whether a kustomize patch target selects an object; fields are anchored regular expressions, as in kustomize. */
export function selects(target: Record<string, unknown>, object: FluxObject): boolean {
  const matches = (pattern: unknown, value: string): boolean =>
    typeof pattern !== 'string' || pattern === '' || new RegExp(`^(?:${pattern})$`).test(value);
  try {
    return (
      matches(target['group'], object.group) &&
      matches(target['kind'], object.kind) &&
      matches(target['name'], object.name)
    );
  } catch {
    return true;
  }
}
