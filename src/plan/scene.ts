/** What stands in a cluster's folder: its Flux Kustomizations, the Git source they read, and who applies which file. */
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import { findManifests, isRecord, list, manifestsAmong, text, type Manifest } from '../repo/manifests.ts';
import { folderPath, reachOf } from '../repo/kustomize-build.ts';
import { isBelow } from '../repo/snapshot.ts';
import { artifactOf } from '../repo/artifact.ts';
import type { Tree } from '../repo/tree.ts';
import { reachedElsewhere } from './elsewhere.ts';
import { patchedManifest } from './patched-object.ts';
import { hasVariables, makeResolver, type Resolver } from './resolve.ts';
import { sameRepository } from './source.ts';
import { isGotkFile } from './shapes/rendered-install.ts';

export interface FluxKustomization {
  manifest: Manifest;
  name: string;
  namespace: string;
  spec: Record<string, unknown>;
  /** Normalized `spec.path`. */
  folder: string;
  source: { kind: string; name: string; namespace: string };
}

export interface Scene {
  tree: Tree;
  /** The tree as the cluster sees it: without what Flux leaves out of the artifact of its source. */
  artifact: Tree;
  config: HandoverConfig;
  cluster: ClusterConfig;
  /** The cluster's folder, normalized. */
  folder: string;
  /** Flux Kustomizations in the cluster's folder. */
  kustomizations: FluxKustomization[];
  /** The GitRepository of this very repository, judged by who reads it; null where there is none. */
  source: Manifest | null;
  /** Sources of another kind that feed Kustomizations here, without Flux's own manifests; looked for where there is no such GitRepository. */
  otherSources: Manifest[];
  /** Kustomizations that read that source. */
  onSource: FluxKustomization[];
  /** Kustomizations on that source which apply a file (or build a kustomization file). */
  appliersOf(file: string): FluxKustomization[];
  /** What variables stand for. */
  resolver: Resolver;
  /** Files outside the cluster's folder that its Kustomizations apply, sorted. */
  elsewhere: string[];
  /** Objects in the cluster's folder, and of what it applies from elsewhere, in files whose text matches. */
  find: (telling: RegExp) => Manifest[];
}

const wiring = /kustomize\.toolkit\.fluxcd\.io\/v|^\s*kind:\s*["']?(GitRepository|OCIRepository|Bucket)/m;

export function readScene(tree: Tree, config: HandoverConfig, cluster: ClusterConfig): Scene {
  const folder = folderPath(cluster.path);
  const read = (manifest: Manifest): Manifest =>
    // What flux bootstrap wrote is not edited but patched.
    isGotkFile(manifest.file) ? patchedManifest(tree, manifest) : manifest;
  const describe = (manifest: Manifest): FluxKustomization =>
    describeKustomization(manifest, cluster.namespace);
  const manifests = findManifests(tree, folder, wiring).map(read);
  let kustomizations = manifests.filter(isFluxKustomization).map(describe);
  const source =
    findSource(manifests, kustomizations, folder, cluster.namespace) ??
    ownRepository(manifests, kustomizations, config.repository.url, cluster.namespace);
  const artifact = artifactOf(tree, source);
  const readingIt = (): FluxKustomization[] =>
    kustomizations.filter((candidate) => source !== null && readsFrom(candidate, source, cluster.namespace));
  const resolver = makeResolver(artifact, folder, {
    appliers: (file) => appliersIn(artifact, readingIt(), file),
    reaches: (file) => readingIt().some(({ folder: path }) => reachOf(artifact, path).files.has(file)),
  });
  let elsewhere: string[] = [];
  // One whose path is known now may apply others: those that wait for it, and those that lie outside the folder.
  for (let before = ''; ;) {
    kustomizations = kustomizations.map((each) => {
      const manifest = resolver.asApplied(each.manifest);
      return manifest === each.manifest ? each : describe(manifest);
    });
    const known = new Set(elsewhere);
    elsewhere = reachedElsewhere(artifact, folder, readingIt());
    const came = manifestsAmong(tree, elsewhere, wiring).filter(({ file }) => !known.has(file));
    kustomizations.push(...came.map(read).filter(isFluxKustomization).map(describe));
    const left = kustomizations.filter(({ manifest }) => hasVariables(manifest)).length;
    const now = `${left} ${kustomizations.length} ${elsewhere.length}`;
    if (now === before || (left === 0 && came.length === 0)) break;
    before = now;
  }
  const onSource = readingIt();
  return {
    tree,
    artifact,
    config,
    cluster,
    folder,
    kustomizations,
    source,
    otherSources: source ? [] : findOtherSources(manifests, kustomizations),
    onSource,
    appliersOf: (file) => appliersIn(artifact, onSource, file),
    resolver,
    elsewhere,
    find: (telling) => [...findManifests(tree, folder, telling), ...manifestsAmong(tree, elsewhere, telling)],
  };
}

/** Kustomizations that apply a file (or build a kustomization file). */
function appliersIn(artifact: Tree, onSource: FluxKustomization[], file: string): FluxKustomization[] {
  const reaches = (candidate: FluxKustomization): boolean => {
    const reach = reachOf(artifact, candidate.folder);
    return reach.files.has(file) || reach.kustomizations.includes(file);
  };
  // A build seldom leaves its own folder, so look there first: it spares building every app of a large repository.
  const near = onSource.filter((candidate) => isBelow(file, candidate.folder) && reaches(candidate));
  return near.length > 0
    ? near
    : onSource.filter((candidate) => !isBelow(file, candidate.folder) && reaches(candidate));
}

export function isFluxKustomization(manifest: Manifest): boolean {
  return manifest.group === 'kustomize.toolkit.fluxcd.io' && manifest.kind === 'Kustomization';
}

/** @param defaultNamespace where the object names none */
export function describeKustomization(manifest: Manifest, defaultNamespace: string): FluxKustomization {
  const spec = isRecord(manifest.value['spec']) ? manifest.value['spec'] : {};
  const namespace = manifest.namespace || defaultNamespace;
  return {
    manifest,
    name: manifest.name,
    namespace,
    spec,
    folder: folderPath(text(spec, 'path')),
    source: {
      kind: text(spec, 'sourceRef', 'kind'),
      name: text(spec, 'sourceRef', 'name'),
      namespace: text(spec, 'sourceRef', 'namespace') || namespace,
    },
  };
}

/** The GitRepository that most Kustomizations with a path inside this cluster's folder read. */
function findSource(
  manifests: Manifest[],
  kustomizations: FluxKustomization[],
  folder: string,
  defaultNamespace: string,
): Manifest | null {
  const repositories = manifests.filter(
    (manifest) => manifest.kind === 'GitRepository' && manifest.group === 'source.toolkit.fluxcd.io',
  );
  const votes = (repository: Manifest): number =>
    kustomizations.filter(
      (candidate) => readsFrom(candidate, repository, defaultNamespace) && isBelow(candidate.folder, folder),
    ).length;
  const ranked = repositories
    .map((repository) => ({ repository, votes: votes(repository) }))
    .filter((candidate) => candidate.votes > 0);
  // The same source may also stand in a bootstrap folder: the one that a Kustomization applies is the true one.
  const applied = (repository: Manifest): number =>
    kustomizations.some((candidate) => reachesSafely(candidate, repository)) ? 1 : 0;
  const reachesSafely = (candidate: FluxKustomization, repository: Manifest): boolean =>
    candidate.folder !== '' && isBelow(repository.file, candidate.folder);
  ranked.sort(
    (left, right) => right.votes - left.votes || applied(right.repository) - applied(left.repository),
  );
  return ranked[0]?.repository ?? null;
}

/** Where no path leads into the cluster's folder (a typing error, say): the one that reads the repository of handover.yaml. */
function ownRepository(
  manifests: Manifest[],
  kustomizations: FluxKustomization[],
  url: string,
  defaultNamespace: string,
): Manifest | null {
  const found = manifests.find(
    (manifest) =>
      manifest.kind === 'GitRepository' &&
      sameRepository(text(manifest.value, 'spec', 'url'), url) &&
      kustomizations.some((candidate) => readsFrom(candidate, manifest, defaultNamespace)),
  );
  return found ?? null;
}

function findOtherSources(manifests: Manifest[], kustomizations: FluxKustomization[]): Manifest[] {
  return manifests.filter(
    ({ group, kind, name, value }) =>
      group === 'source.toolkit.fluxcd.io' &&
      (kind === 'OCIRepository' || kind === 'Bucket') &&
      !/\/flux-manifests\/?$/.test(text(value, 'spec', 'url')) &&
      kustomizations.some(({ source }) => source.kind === kind && source.name === name),
  );
}

function readsFrom(candidate: FluxKustomization, repository: Manifest, defaultNamespace: string): boolean {
  return (
    candidate.source.kind === 'GitRepository' &&
    candidate.source.name === repository.name &&
    candidate.source.namespace === (repository.namespace || defaultNamespace)
  );
}

/**
 * Who applies a file, then who applies that one, up to the one that applies itself (or that nobody in Git applies).
 * @returns nearest first; empty where nothing in Git applies the file
 */
export function chainOf(scene: Scene, file: string): FluxKustomization[] {
  const chain: FluxKustomization[] = [];
  let current = file;
  for (;;) {
    const appliers = scene.appliersOf(current);
    const next =
      appliers.find((candidate) => candidate.manifest.file !== current && !chain.includes(candidate)) ??
      appliers.find((candidate) => !chain.includes(candidate));
    if (!next) return chain;
    chain.push(next);
    current = next.manifest.file;
  }
}

/** Patches that a Kustomization applies to its own build, as parsed YAML with their target. */
export function patchesOf(spec: unknown): { patch: string; target: Record<string, unknown> | null }[] {
  return list(spec, 'patches').flatMap((entry) =>
    isRecord(entry) && typeof entry['patch'] === 'string'
      ? [{ patch: entry['patch'], target: isRecord(entry['target']) ? entry['target'] : null }]
      : [],
  );
}
