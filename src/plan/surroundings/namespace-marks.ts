/** Labels and annotations of the controllers' namespace that adoption would take away. */
import { field, isRecord, type Manifest } from '../../repo/manifests.ts';
import { warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard } from '../types.ts';

/** What the operator's own build sets on the namespace, or on everything that it applies. */
const kept =
  /^(kustomize\.toolkit\.fluxcd\.io\/|fluxcd\.controlplane\.io\/|app\.kubernetes\.io\/(instance|part-of|version|managed-by|component)$|pod-security\.kubernetes\.io\/warn|kubernetes\.io\/metadata\.name$)/;

export function namespaceHazards(scene: Scene, { legacy }: PlannedParts, objects: Manifest[]): Hazard[] {
  const carried = legacy.patches
    .map(({ patch, target }) =>
      target?.kind === 'Namespace' || /kind:\s*Namespace/.test(patch) ? patch : '',
    )
    .join('\n');
  return objects
    .filter(
      ({ kind, name, group }) => kind === 'Namespace' && group === '' && name === scene.cluster.namespace,
    )
    .flatMap((manifest) => {
      const marks = ['labels', 'annotations'].flatMap((key) => {
        const found = field(manifest.value, 'metadata', key);
        return isRecord(found) ? Object.keys(found) : [];
      });
      const lost = marks.filter(
        (mark) =>
          !kept.test(mark) && !carried.includes(mark) && !carried.includes(mark.replaceAll('/', '~1')),
      );
      if (lost.length === 0) return [];
      return [
        warn('namespace-marks-dropped', manifest.place('metadata'), {
          what: `Namespace ${manifest.name} carries ${lost.join(', ')}, which the operator's build does not have`,
          why: 'The operator takes over what kustomize-controller wrote there and marks the namespace with ssa: Ignore, so Git does not bring them back: pod security, quotas or monitoring by these labels would end',
          mend: `Carry them by a patch on the Namespace: an entry in the patches of what installs Flux today, with target: {kind: Namespace, name: ${manifest.name}}; then plan again`,
        }),
      ];
    });
}
