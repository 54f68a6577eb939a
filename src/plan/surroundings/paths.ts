/** Roots whose path is not there, or is another cluster's. */
import { folderPath } from '../../repo/kustomize-build.ts';
import { isBelow } from '../../repo/snapshot.ts';
import { refuse } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';

export function pathHazards({ tree, config, cluster, folder }: Scene, { roots }: PlannedParts): Hazard[] {
  const others = config.clusters
    .filter(({ name, path }) => name !== cluster.name && folderPath(path) !== folder)
    .map(({ name, path }) => ({ name, folder: folderPath(path) }));
  return roots.flatMap((root): Hazard[] => {
    // What a variable stands for is only known on the cluster: preflight compares the live path.
    if (root.path === '' || root.path.includes('$')) return [];
    const where = { file: root.file, line: root.line };
    const other = others.find(
      (each) =>
        isBelow(root.path, each.folder) && !isBelow(root.path, folder) && !isBelow(folder, each.folder),
    );
    if (other)
      return [
        refuse('root-path-elsewhere', where, {
          what: `Kustomization ${root.name} applies ${root.path}, which is the folder of ${other.name}`,
          why: 'The steps of one cluster would be applied to another one, and pruning deletes what differs',
          mend: `Correct spec.path of ${root.name}, or clusters[].path in handover.yaml`,
        }),
      ];
    if (tree.paths().some((path) => isBelow(path, root.path))) return [];
    return [
      refuse('root-path-missing', where, {
        what: `Kustomization ${root.name} applies ${root.path}, and branch ${cluster.branch} has no such folder`,
        why: 'It can not be Ready, or it reads another repository or branch than this one',
        mend: `Correct spec.path of ${root.name}, or repository.url and clusters[].branch in handover.yaml`,
      }),
    ];
  });
}
