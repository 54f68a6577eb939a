/** What Flux Operator owns once its FluxInstance is enabled: it takes the owner labels off, so no Kustomization collects it any more. */
import { field, findManifests, list, manifestsOf, text, type Manifest } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { coreComponents, objectsOf } from '../flux-objects.ts';
import type { BuiltObject } from './built-object.ts';

/** How a FluxInstance stands at one commit. */
export interface InstanceState {
  enabled: boolean;
  owns(object: Pick<BuiltObject, 'group' | 'kind' | 'name'>): boolean;
}

const disabledMark = 'fluxcd.controlplane.io/reconcile';

/** Files below a folder that hold a FluxInstance, as a manifest or as values of its chart. */
export function instanceFiles(tree: Tree, folder: string): Set<string> {
  return new Set(findManifests(tree, folder, /FluxInstance|flux-instance/).map(({ file }) => file));
}

/** @param files where an instance may stand; @param namespace of the controllers */
export function instanceState(tree: Tree, files: Iterable<string>, namespace: string): InstanceState | null {
  for (const file of files) {
    for (const manifest of manifestsOf(tree, file)) {
      const found = asInstance(manifest);
      if (found) return describe(found, namespace);
    }
  }
  return null;
}

interface Instance {
  annotations: unknown;
  spec: unknown;
}

function asInstance({ kind, group, value, name }: Manifest): Instance | null {
  if (kind === 'FluxInstance' && group === 'fluxcd.controlplane.io')
    return { annotations: field(value, 'metadata', 'annotations'), spec: value['spec'] };
  const values = field(value, 'spec', 'values');
  if (kind === 'HelmRelease' && name === 'flux-instance' && values !== undefined)
    return { annotations: field(values, 'commonAnnotations'), spec: field(values, 'instance') };
  return null;
}

function describe({ annotations, spec }: Instance, namespace: string): InstanceState {
  const components = list(spec, 'components').map(String);
  const networkPolicies = field(spec, 'cluster', 'networkPolicy') !== false;
  const owned = new Set(
    objectsOf(components.length > 0 ? components : coreComponents, namespace, networkPolicies).map(
      ({ group, kind, name }) => `${group}/${kind}/${name}`,
    ),
  );
  if (field(spec, 'sync') !== undefined) {
    const name = text(spec, 'sync', 'name') || namespace;
    owned.add(`kustomize.toolkit.fluxcd.io/Kustomization/${name}`);
    owned.add(`source.toolkit.fluxcd.io/${text(spec, 'sync', 'kind') || 'GitRepository'}/${name}`);
  }
  return {
    enabled: text(annotations, disabledMark).toLowerCase() !== 'disabled',
    owns: ({ group, kind, name }) => owned.has(`${group}/${kind}/${name}`),
  };
}
