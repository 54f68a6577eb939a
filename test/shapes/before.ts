/** What a cluster was before anyone touched it, and what must be so again after a way back. */
import type { Lab } from '../../lab/description.ts';
import { controllerSettings, type Kubectl, uidsOf } from '../lab/kubectl.ts';
import { gitServer, headOf } from '../lab/person.ts';

export interface Before {
  uids: Map<string, string>;
  settings: Awaited<ReturnType<typeof controllerSettings>>;
  head: string;
  /** Git's id of the branch's files. */
  tree: string;
  suspended: string[];
  /** Current ReplicaSet of each controller. */
  replicaSets: Map<string, string>;
  /** Field managers of each controller, without those of its status. */
  managers: Map<string, string>;
}

export async function lookBefore(lab: Lab, kubectl: Kubectl): Promise<Before> {
  const [uids, settings, head, tree, suspended, replicaSets, managers] = await Promise.all([
    uidsOf(kubectl),
    controllerSettings(kubectl),
    headOf(lab, 'edge'),
    treeOf(lab),
    suspendedOf(kubectl),
    replicaSetsOf(kubectl),
    managersOf(kubectl),
  ]);
  return { uids, settings, head, tree, suspended, replicaSets, managers };
}

export function treeOf(lab: Lab): Promise<string> {
  return gitServer(lab, 'rev-parse', 'edge^{tree}');
}

export async function suspendedOf(kubectl: Kubectl): Promise<string[]> {
  return (await kubectl.list('kustomizations.kustomize.toolkit.fluxcd.io'))
    .filter(({ spec }) => spec.suspend === true)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** The one ReplicaSet of each controller that has pods. */
export async function replicaSetsOf(kubectl: Kubectl): Promise<Map<string, string>> {
  const sets = (await kubectl.list('replicasets')).filter(
    ({ metadata, spec }) => metadata.namespace === 'flux-system' && spec.replicas > 0,
  );
  return new Map(
    sets
      .map(({ metadata }): [string, string] => [metadata.name.replace(/-[^-]+$/, ''), metadata.name])
      .filter(([controller]) => controller.endsWith('-controller')),
  );
}

export async function managersOf(kubectl: Kubectl): Promise<Map<string, string>> {
  const controllers = (await kubectl.list('deployments')).filter(
    ({ metadata }) => metadata.namespace === 'flux-system' && metadata.name.endsWith('-controller'),
  );
  return new Map(
    controllers.map(({ metadata }) => [
      metadata.name,
      (metadata.managedFields ?? [])
        // What `flux bootstrap` itself had applied is the operator's after an adoption, and kustomize-controller's after a way back.
        .filter(({ subresource, manager }) => subresource === undefined && manager !== 'flux')
        .map(({ manager, operation }) => `${manager} ${operation}`)
        .toSorted()
        .join(', '),
    ]),
  );
}
