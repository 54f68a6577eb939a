/** Finds the FluxInstances that stand in Git: as a manifest, or as values of the flux-instance chart. */
import { field, findManifests, isRecord, list, text, type Manifest } from '../repo/manifests.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { coreComponents } from './flux-objects.ts';
import { parsePatch } from './patch-body.ts';
import type { Scene } from './scene.ts';
import type { Place } from './types.ts';

export interface GitInstance {
  manifest: Manifest;
  namespace: string;
  spec: unknown;
  /** Where a field of the instance's spec stands. */
  place: (...path: string[]) => Place;
  components: string[];
  networkPolicy: boolean;
  disabled: boolean;
  /** `folder` is the normalized path. */
  sync: { name: string; folder: string } | null;
  /** Whether a patch on the generated Kustomization sets a field of its spec. */
  patches: (field: string) => boolean;
}

/** Those below the cluster's folder, and below every folder that its Kustomizations apply. */
export function findGitInstances(scene: Scene): GitInstance[] {
  const folders = new Set([scene.folder, ...scene.kustomizations.map(({ folder }) => folder)]);
  const manifests = new Map<string, Manifest>();
  for (const folder of folders) {
    // A Kustomization of another source may apply the root of that one.
    if (folder === '') continue;
    for (const manifest of findManifests(scene.tree, folder, /kind:\s*["']?FluxInstance|flux-instance/))
      manifests.set(`${manifest.file}#${manifest.index}`, manifest);
  }
  for (const manifest of scene.find(/kind:\s*["']?FluxInstance|flux-instance/))
    manifests.set(`${manifest.file}#${manifest.index}`, manifest);
  return [...manifests.values()].flatMap((manifest) => readInstance(scene, manifest) ?? []);
}

function readInstance(scene: Scene, manifest: Manifest): GitInstance | null {
  if (manifest.kind === 'FluxInstance' && manifest.group === 'fluxcd.controlplane.io')
    return describe(scene, manifest, ['spec'], field(manifest.value, 'metadata', 'annotations'));
  const chart = text(manifest.value, 'spec', 'chart', 'spec', 'chart');
  if (manifest.kind !== 'HelmRelease' || (chart || manifest.name) !== 'flux-instance') return null;
  const annotations = field(manifest.value, 'spec', 'values', 'commonAnnotations');
  return describe(scene, manifest, ['spec', 'values', 'instance'], annotations);
}

function describe(scene: Scene, manifest: Manifest, at: string[], annotations: unknown): GitInstance {
  const namespace = manifest.namespace || scene.cluster.namespace;
  const spec = field(manifest.value, ...at);
  const sync = field(spec, 'sync');
  const components = list(spec, 'components').filter((entry) => typeof entry === 'string');
  const bodies = list(spec, 'kustomize', 'patches').flatMap((entry) => {
    const kind = text(entry, 'target', 'kind');
    const body = parsePatch(text(entry, 'patch'));
    const own = isRecord(body) ? text(body, 'kind') : '';
    return body !== null && new RegExp(`^(?:${kind || own || '.*'})$`).test('Kustomization') ? [body] : [];
  });
  return {
    manifest,
    namespace,
    spec,
    place: (...path) => manifest.place(...at, ...path),
    components: components.length > 0 ? components : coreComponents,
    networkPolicy: field(spec, 'cluster', 'networkPolicy') !== false,
    disabled: text(annotations, 'fluxcd.controlplane.io/reconcile') === 'disabled',
    // The chart renders sync only where it has a url.
    sync:
      isRecord(sync) && (at.length === 1 || text(sync, 'url') !== '')
        ? { name: text(sync, 'name') || namespace, folder: folderPath(text(sync, 'path')) }
        : null,
    patches: (name) =>
      bodies.some((body) =>
        Array.isArray(body)
          ? body.some((operation) => text(operation, 'path').startsWith(`/spec/${name}`))
          : field(body, 'spec', name) !== undefined,
      ),
  };
}
