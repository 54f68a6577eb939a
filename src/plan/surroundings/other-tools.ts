/** Other tools that apply this repository, and other users of Flux Operator. */
import { field, list, text, type Manifest } from '../../repo/manifests.ts';
import { folderPath } from '../../repo/kustomize-build.ts';
import { isBelow } from '../../repo/snapshot.ts';
import { refuse, warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import { sameRepository } from '../source.ts';
import type { Hazard } from '../types.ts';

export function otherToolHazards(scene: Scene, { legacy }: PlannedParts, objects: Manifest[]): Hazard[] {
  return objects.flatMap((object) => {
    if (object.group === 'argoproj.io' && /^Application(Set)?$/.test(object.kind))
      return [toolHazard(scene, 'Argo CD', object)];
    if (object.group === 'fleet.cattle.io' && object.kind === 'GitRepo')
      return [toolHazard(scene, 'Fleet', object)];
    if (
      legacy.shape !== 'operator' &&
      object.group === 'fluxcd.controlplane.io' &&
      object.kind.startsWith('ResourceSet')
    )
      return [
        refuse('operator-in-use', object.place(), {
          what: `${object.kind} ${object.name} needs Flux Operator, and nothing in ${scene.folder} installs it`,
          why: 'An operator that runs outside Git would fight with the one of the plan, over this object and over Flux',
          mend: 'Find out who installed the operator (kubectl get deploy -A -l app.kubernetes.io/name=flux-operator) and take it out first; or remove the object until the handover is done',
        }),
      ];
    return [];
  });
}

/** Refused where the other tool applies this cluster's folder or the controllers' namespace, else a person is told. */
function toolHazard(scene: Scene, tool: string, object: Manifest): Hazard {
  const spec =
    object.kind === 'ApplicationSet'
      ? field(object.value, 'spec', 'template', 'spec')
      : field(object.value, 'spec');
  const sources = [
    field(spec, 'source'),
    ...list(spec, 'sources'),
    ...(tool === 'Fleet' ? [{ ...asRecord(spec), repoURL: text(spec, 'repo') }] : []),
  ];
  const overlap = sources.some((source) => {
    const url = text(source, 'repoURL');
    if (url === '' || !sameRepository(url, scene.config.repository.url)) return false;
    const paths = [text(source, 'path'), ...list(source, 'paths').map(String)]
      .filter(Boolean)
      .map(folderPath);
    return (paths.length > 0 ? paths : ['']).some(
      (path) => isBelow(path, scene.folder) || isBelow(scene.folder, path),
    );
  });
  const intoFlux = [text(spec, 'destination', 'namespace'), text(spec, 'targetNamespace')].includes(
    scene.cluster.namespace,
  );
  const what = `${tool} is there as well: ${object.kind} ${object.name}`;
  if (overlap || intoFlux)
    return refuse('second-gitops-tool', object.place(), {
      what: `${what} applies ${overlap ? `files of ${scene.folder}` : `the namespace ${scene.cluster.namespace}`}`,
      why: 'Two tools that apply the same objects undo each other, and the other one would bring back what the handover removes',
      mend: `Take Flux and ${scene.folder} out of it, wait until the cluster is at rest, and plan again`,
    });
  return warn('second-gitops-tool', object.place(), {
    what,
    why: 'If it also manages Flux or its CRDs, it would undo the handover',
    mend: `Make sure that it touches neither Flux nor the namespace ${scene.cluster.namespace}; preflight looks at the live objects`,
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
