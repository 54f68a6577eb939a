/**
 * The kustomization that Flux really builds: that of the folder, or one generated from what lies in it, with the fields
 * of the Flux Kustomization put in.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#generate-kustomizationyaml
 */
import { posix } from 'node:path';
import { filesIn, foldersIn, isFile, kustomizationFile } from './kustomize-folders.ts';
import { isRemote } from './kustomize-references.ts';
import { isRecord, list, text } from './manifests.ts';
import type { Tree } from './tree.ts';

/** Fields of a kustomization; Flux drops all others from the outermost one, where kustomize alone would refuse them. */
const knownFields = new Set(
  `apiVersion kind metadata openapi namePrefix nameSuffix namespace commonLabels labels commonAnnotations
  patchesStrategicMerge patchesJson6902 patches images imageTags replacements replicas vars sortOptions resources
  components crds bases configMapGenerator secretGenerator helmGlobals helmCharts helmChartInflationGenerator
  generatorOptions configurations generators transformers validators`.split(/\s+/),
);

/** What Flux generates for a folder without a kustomization file: every YAML below, and every folder that has one. */
export function generatedKustomization(tree: Tree, folder: string): Record<string, unknown> {
  const resources: string[] = [];
  const walk = (current: string): void => {
    for (const file of filesIn(tree, current))
      if (/\.ya?ml$/.test(file)) resources.push(posix.relative(folder, file));
    for (const below of foldersIn(tree, current)) {
      if (kustomizationFile(tree, below)) resources.push(posix.relative(folder, below));
      else walk(below);
    }
  };
  walk(folder);
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    // Flux itself does this where there is nothing, for kustomize refuses an empty file.
    ...(resources.length > 0 ? { resources: resources.sort() } : { namespace: '_placeholder' }),
  };
}

/** Puts the fields of a Flux Kustomization's spec into the outermost kustomization; `value` stays as it is. */
export function withFluxFields(
  tree: Tree,
  folder: string,
  value: Record<string, unknown>,
  spec: Record<string, unknown>,
): Record<string, unknown> {
  const made = Object.fromEntries(Object.entries(value).filter(([key]) => knownFields.has(key)));
  if (text(spec, 'targetNamespace')) made['namespace'] = text(spec, 'targetNamespace');
  for (const key of ['namePrefix', 'nameSuffix']) if (text(spec, key)) made[key] = text(spec, key);
  const append = (key: string, entries: unknown[]): void => {
    if (entries.length > 0) made[key] = [...list(made, key), ...entries];
  };
  append(
    'patches',
    list(spec, 'patches').map((entry) =>
      isRecord(entry)
        ? { patch: entry['patch'], ...(isRecord(entry['target']) ? { target: entry['target'] } : {}) }
        : entry,
    ),
  );
  append(
    'components',
    list(spec, 'components').filter(
      (entry) =>
        spec['ignoreMissingComponents'] !== true ||
        typeof entry !== 'string' ||
        isRemote(entry) ||
        isThere(tree, posix.join(folder, entry)),
    ),
  );
  append(
    'patchesStrategicMerge',
    list(spec, 'patchesStrategicMerge').map((entry) => `${JSON.stringify(entry)}\n`),
  );
  append(
    'patchesJson6902',
    list(spec, 'patchesJson6902').map((entry) =>
      isRecord(entry) ? { target: entry['target'], patch: JSON.stringify(entry['patch']) } : entry,
    ),
  );
  if (list(spec, 'images').length > 0)
    made['images'] = mergedImages(list(made, 'images'), list(spec, 'images'));
  // Tells for every object which file it comes from, and keeps an empty kustomization from being refused.
  made['buildMetadata'] = ['originAnnotations'];
  return made;
}

function isThere(tree: Tree, path: string): boolean {
  return isFile(tree, path) || kustomizationFile(tree, posix.normalize(path).replace(/\/$/, '')) !== null;
}

function mergedImages(own: unknown[], added: unknown[]): unknown[] {
  const images = own.filter(isRecord).map((image) => ({ ...image }));
  for (const image of added.filter(isRecord)) {
    const known = images.find(({ name }) => name === image['name']);
    if (!known) images.push({ ...image });
    else {
      if (text(image, 'newName')) known['newName'] = image['newName'];
      if (text(image, 'newTag') || text(image, 'digest')) {
        delete known['newTag'];
        delete known['digest'];
        for (const key of ['newTag', 'digest']) if (text(image, key)) known[key] = image[key];
      }
    }
  }
  return images;
}
