/** Files of the plan that other clusters apply, too: a step for one cluster would reach all of them at once. */
import { folderPath } from '../repo/kustomize-build.ts';
import { foldersReading } from '../repo/kustomize-readers.ts';
import { findManifests, type Manifest } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import { refuse } from './hazard.ts';
import { describeKustomization, isFluxKustomization, type Scene } from './scene.ts';
import type { Change, Hazard } from './types.ts';

/** Refuses every change of a file that is not this cluster's alone. */
export function sharedFileHazards(scene: Scene, changes: Change[]): Hazard[] {
  const touched = new Map<string, string[]>();
  for (const { path, before } of changes.flatMap(({ files }) => files))
    if (before !== null && !isBelow(path, scene.folder) && !touched.has(path))
      touched.set(path, othersReading(scene, path));
  const shared = [...touched].filter(([, readers]) => readers.length > 0);
  // Lists of the others that name a shared file are its echo.
  const own = shared.filter(([path]) => scene.elsewhere.includes(path));
  const files = (own.length > 0 ? own : shared).map(([path]) => path);
  const others = [...new Set(shared.flatMap(([, readers]) => readers))].sort();
  const [file] = files;
  if (file === undefined) return [];
  return [
    refuse(
      'install-shared',
      { file, line: 1 },
      {
        what: `The plan changes ${files.join(', ')}, which ${others.join(' and ')} ${others.length > 1 ? 'apply' : 'applies'}, too`,
        why: `Each step would reach the other ${others.length > 1 ? 'clusters' : 'cluster'} at the same moment: the legacy owner there would be orphaned, and later removed, with no operator in its place`,
        mend: `Give ${scene.cluster.name} a copy of its own first: copy ${folderOf(file)} into ${scene.folder}, list the copy instead of the shared folder, wait until it is Ready (the same objects under the same names: nothing is deleted), and plan again`,
      },
    ),
  ];
}

/** In words: clusters of handover.yaml on the same branch, and Kustomizations that belong to none of them. */
function othersReading(scene: Scene, file: string): string[] {
  const { tree, config, cluster, folder } = scene;
  const readers = foldersReading(tree, file);
  const others = config.clusters.filter(({ name }) => name !== cluster.name);
  const named = others.filter(
    ({ branch, path }) =>
      branch === cluster.branch && [...readers].some((reader) => isBelow(reader, folderPath(path))),
  );
  const isAnothers = ({ file: at }: Manifest): boolean =>
    isBelow(at, folder) ||
    scene.elsewhere.includes(at) ||
    others.some(({ path }) => isBelow(at, folderPath(path)));
  const unnamed = findManifests(tree, '', /kustomize\.toolkit\.fluxcd\.io\/v/)
    .filter((manifest) => isFluxKustomization(manifest) && !isAnothers(manifest))
    .filter((manifest) => readers.has(describeKustomization(manifest, cluster.namespace).folder));
  return [
    ...named.map(({ name }) => name),
    ...unnamed.map(({ name, file: at }) => `the Kustomization ${name} (${at})`),
  ];
}

function folderOf(file: string): string {
  return file.replace(/\/?[^/]+$/, '') || 'it';
}
