/** Judges what a kustomization file does to Flux's install beyond patching it. */
import { posix } from 'node:path';
import { folderPath, kustomizationFile } from '../../repo/kustomize-build.ts';
import { isRecord, list, manifestsOf, text, type Manifest } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { allComponents } from '../flux-objects.ts';
import { refuse } from '../hazard.ts';
import type { Hazard } from '../types.ts';

/** Fields that are understood: what is listed, and what patches. */
const known = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'components',
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'images',
  'namespace',
]);

/** @param registry that the FluxInstance names */
export function installFieldHazards(
  tree: Tree,
  manifest: Manifest,
  namespace: string,
  registry: string,
): Hazard[] {
  const folder = posix.dirname(manifest.file);
  const inComponents = list(manifest.value, 'components').flatMap((entry) => {
    const file =
      typeof entry === 'string' ? kustomizationFile(tree, folderPath(posix.join(folder, entry))) : null;
    const component = file ? manifestsOf(tree, file)[0] : undefined;
    return component
      ? [...installFieldHazards(tree, component, namespace, registry), ...resourcesOfComponent(component)]
      : [
          notTranslatable(
            manifest,
            'components',
            `the component ${String(entry)}, which is not in this repository`,
          ),
        ];
  });
  const foreign = Object.keys(manifest.value).filter(
    (key) => !known.has(key) || (key === 'namespace' && text(manifest.value, key) !== namespace),
  );
  return [
    ...inComponents,
    ...foreign.map((key) => notTranslatable(manifest, key, key)),
    ...list(manifest.value, 'images').flatMap((entry, index) =>
      isRecord(entry) ? imageHazards(manifest, entry, index, registry) : [],
    ),
  ];
}

function resourcesOfComponent(component: Manifest): Hazard[] {
  return list(component.value, 'resources').length > 0
    ? [notTranslatable(component, 'resources', 'resources of its own in a component')]
    : [];
}

function notTranslatable(manifest: Manifest, key: string, what: string): Hazard {
  return refuse('install-fields-not-translatable', manifest.place(key), {
    what: `${manifest.file} sets ${what}`,
    why: 'A FluxInstance has no such field: what it does to the controllers would silently be lost',
    mend: 'Express it as patches (or remove it), apply that, and plan again',
  });
}

function imageHazards(
  manifest: Manifest,
  entry: Record<string, unknown>,
  index: number,
  registry: string,
): Hazard[] {
  const component = text(entry, 'name').split('/').at(-1) ?? '';
  if (!allComponents.includes(component)) return [];
  const where = manifest.place('images', index);
  const why = 'The operator sets the image of every controller itself';
  const moved = text(entry, 'newName');
  return [
    ...(text(entry, 'newTag') || text(entry, 'digest')
      ? [
          refuse('images-differ', where, {
            what: `${manifest.file} gives ${component} another tag or digest than its release has`,
            why,
            mend: 'Remove newTag and digest, apply that, and plan again',
          }),
        ]
      : []),
    ...(moved && moved !== `${registry}/${component}`
      ? [
          refuse('images-differ', where, {
            what: `${manifest.file} takes ${component} from ${moved}, the FluxInstance would take it from ${registry}`,
            why,
            mend: `Set install.distributionRegistry to the registry of all controllers, such as ${posix.dirname(moved)}`,
          }),
        ]
      : []),
  ];
}
