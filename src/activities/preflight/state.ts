/** Checks what only the live cluster knows and Git can not tell: drift, managers, stored versions, Kubernetes, the commit it has. */
import type { LiveObject } from '../../cluster/objects.ts';
import { manifestsOf } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import type { Finding } from '../contract.ts';
import { isOrphaned, ownerOfPlan } from '../planned.ts';
import { isGitSource, judgeCommit, judgeDrift, judgeOwnerInventory } from './arrival.ts';
import { judgeKubernetes } from './kubernetes-version.ts';
import { findIn, type Look } from './look.ts';
import { judgeManagers } from './managers.ts';
import { judgeStoredVersions } from './stored-versions.ts';

/** @param tree at the commit of the plan. @throws ClusterError */
export async function checkState(look: Look, tree: Tree): Promise<Finding[]> {
  const { session, plan, snapshot, flux, deployments } = look;
  const { target, legacy, source } = plan;
  const liveSource = source && findIn(flux, source.kind, source.namespace, source.name);
  const roots = plan.roots.flatMap(
    ({ namespace, name }) => findIn(flux, 'Kustomization', namespace, name) ?? [],
  );
  const written = (file: string, live: LiveObject): Finding[] => {
    const manifest = manifestsOf(tree, file).find(
      ({ kind, name }) => kind === live.kind && name === live.metadata.name,
    );
    return manifest ? judgeDrift(manifest.value, live) : [];
  };
  const controllers = deployments.filter(
    ({ metadata }) => metadata.namespace === target.namespace && target.components.includes(metadata.name),
  );
  return [
    ...(isGitSource(liveSource) ? judgeCommit(liveSource, plan.commit, session.settings.context) : []),
    ...(isGitSource(liveSource) && source ? written(source.where.file, liveSource) : []),
    ...plan.roots.flatMap(({ file, name }) =>
      roots.filter(({ metadata }) => metadata.name === name).flatMap((live) => written(file, live)),
    ),
    ...(legacy.owner?.kind === 'Kustomization' && isOrphaned(plan) && roots.length > 0
      ? judgeOwnerInventory(ownerOfPlan(plan), roots)
      : []),
    ...judgeManagers(controllers, legacy.shape),
    ...judgeKubernetes(snapshot.kubernetesVersion, target.distributionVersion),
    ...judgeStoredVersions(await definitions(look), target.distributionVersion),
  ];
}

/** Flux's own CRDs, whole: which versions are stored stands in their status. */
async function definitions({ session, snapshot }: Look): Promise<LiveObject[]> {
  const references = Object.values(snapshot.objects)
    .map(({ reference }) => reference)
    .filter(({ kind, name }) => kind === 'CustomResourceDefinition' && name.endsWith('.toolkit.fluxcd.io'));
  const found = await Promise.all(references.map((reference) => session.cluster.find(reference)));
  return found.filter((definition) => definition !== null);
}
