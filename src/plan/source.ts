/** Describes the Git source that a cluster follows, and what about it stands in the way. */
import { field, isRecord, text, type Manifest } from '../repo/manifests.ts';
import { refuse } from './hazard.ts';
import type { Scene } from './scene.ts';
import type { Hazard, PlannedSource } from './types.ts';

/** `https://host/a/b.git`, `ssh://git@host/a/b` and `git@host:a/b` are the same repository. */
export function sameRepository(left: string, right: string): boolean {
  return normalizeUrl(left) === normalizeUrl(right);
}

function normalizeUrl(url: string): string {
  return url
    .trim()
    .replace(/^[\w.-]+@([^:/]+):(?!\/)/, 'ssh://$1/')
    .replace(/^(https?|ssh|git|file):\/\//, '')
    .replace(/^[^/@]+@/, '')
    .replace(/^([^/]+):(22|80|443)\//, '$1/')
    .replace(/(\.git)?\/*$/, '')
    .toLowerCase();
}

export function describeSource(manifest: Manifest, namespace: string): PlannedSource {
  const ref = field(manifest.value, 'spec', 'ref');
  const named = text(ref, 'name').replace(/^refs\/heads\//, '');
  const other = ['commit', 'semver', 'tag'].find((key) => text(ref, key) !== '');
  return {
    kind: 'GitRepository',
    name: manifest.name,
    namespace: manifest.namespace || namespace,
    url: text(manifest.value, 'spec', 'url'),
    ref: other ? `${other} ${text(ref, other)}` : named || text(ref, 'branch') || 'master',
    secretRef: text(manifest.value, 'spec', 'secretRef', 'name') || null,
    verify: isRecord(field(manifest.value, 'spec', 'verify')),
    where: manifest.place('spec'),
  };
}

/** What is wrong with the source, seen from handover.yaml. */
export function sourceHazards(scene: Scene, source: PlannedSource): Hazard[] {
  const { config, cluster } = scene;
  const hazards: Hazard[] = [];
  if (!sameRepository(source.url, config.repository.url))
    hazards.push(
      refuse('source-url-differs', source.where, {
        what: `GitRepository ${source.name} reads ${source.url}, but handover.yaml says ${config.repository.url}`,
        why: 'Commits would go to a repository that this cluster does not follow',
        mend: 'Set repository.url to the repository that the cluster reads (a fork or a template is not it)',
      }),
    );
  if (source.ref !== cluster.branch)
    hazards.push(
      refuse('branch-differs', source.where, {
        what: `GitRepository ${source.name} follows ${source.ref}, but handover.yaml says branch ${cluster.branch}`,
        why: 'Steps committed there would never reach the cluster, or would reach another one',
        mend: `Set clusters[].branch of ${cluster.name} to the branch that the cluster follows`,
      }),
    );
  if (source.verify && !config.repository.signing)
    hazards.push(
      refuse('verify-without-signing', source.where, {
        what: `GitRepository ${source.name} has spec.verify, and handover.yaml has no repository.signing`,
        why: 'Flux would stop at the first unsigned commit, in the middle of the handover',
        mend: 'Set repository.signing to a key that the verify secret trusts',
      }),
    );
  return hazards;
}
