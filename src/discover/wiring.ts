/** Everything of Flux that stands anywhere in a tree, before it is known which cluster it belongs to. */
import { posix } from 'node:path';
import { folderPath } from '../repo/kustomize-build.ts';
import { findManifests, text, type Manifest } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import { describeKustomization, isFluxKustomization, type FluxKustomization } from '../plan/scene.ts';
import { gatherEvidence, type Evidence } from '../plan/shapes/evidence.ts';
import { sameRepository } from '../plan/source.ts';
import type { Place } from '../plan/types.ts';

/** Where Flux itself comes from, by what was found; several marks may belong to one install. */
export interface InstallMark {
  what: string;
  where: Place;
  /** Folder that it installs: where the file lies, or the path that Terraform names. */
  folder: string;
}

export interface Wiring {
  tree: Tree;
  kustomizations: FluxKustomization[];
  /** Sources that Kustomizations with a folder of this tree read. */
  sources: Manifest[];
  installs: InstallMark[];
  evidence: Evidence;
}

const defaultNamespace = 'flux-system';

/** @param urls by which this repository is known; where a source has one of them, the others are other repositories' */
export function readWiring(tree: Tree, urls: string[]): Wiring {
  const manifests = findManifests(
    tree,
    '',
    /kustomize\.toolkit\.fluxcd\.io\/v|source\.toolkit\.fluxcd\.io\/v/,
  );
  const kustomizations = manifests
    .filter(isFluxKustomization)
    .map((manifest) => describeKustomization(manifest, defaultNamespace));
  const evidence = gatherEvidence(tree, '');
  const candidates = manifests.filter(
    (manifest) =>
      manifest.group === 'source.toolkit.fluxcd.io' &&
      /^(GitRepository|OCIRepository|Bucket)$/.test(manifest.kind) &&
      !evidence.fluxSources.some(({ file, index }) => file === manifest.file && index === manifest.index) &&
      kustomizations.some((each) => readsSource(each, manifest) && hasFolder(tree, each.folder)),
  );
  const own = candidates.filter((source) =>
    urls.some((url) => sameRepository(url, text(source.value, 'spec', 'url'))),
  );
  return {
    tree,
    kustomizations,
    sources: own.length > 0 ? own : candidates,
    installs: installMarks(evidence, kustomizations),
    evidence,
  };
}

export function readsSource({ source }: FluxKustomization, manifest: Manifest): boolean {
  return (
    source.kind === manifest.kind &&
    source.name === manifest.name &&
    source.namespace === (manifest.namespace || defaultNamespace)
  );
}

export function hasFolder(tree: Tree, folder: string): boolean {
  return folder === '' || tree.paths().some((path) => path.startsWith(`${folder}/`));
}

function installMarks(evidence: Evidence, kustomizations: FluxKustomization[]): InstallMark[] {
  const marks: InstallMark[] = [];
  const mark = (what: string, where: Place, folder = folderOf(where.file)): void =>
    void marks.push({ what, where, folder });
  for (const owner of kustomizations)
    if (
      evidence.fluxSources.some(({ kind, name }) => owner.source.kind === kind && owner.source.name === name)
    )
      mark(`Kustomization ${owner.name} of Flux's manifests`, owner.manifest.place());
  for (const bootstrap of evidence.bootstraps) mark('kustomization of fluxcd/flux2', bootstrap.place());
  for (const { file, placeholder } of evidence.gotkFiles)
    if (!placeholder) mark('file of flux bootstrap', { file, line: 1 });
  for (const release of evidence.releases)
    mark(`HelmRelease ${release.name} of the chart flux2`, release.place());
  for (const object of evidence.operator)
    mark(`${object.kind} ${object.name} of Flux Operator`, object.place());
  for (const { resource, where, path } of evidence.terraform)
    mark(`Terraform ${resource}`, where, path === null ? folderOf(where.file) : folderPath(path));
  return marks;
}

export function folderOf(file: string): string {
  return folderPath(posix.dirname(file));
}

/** The deepest folder that holds all of these files and folders. */
export function commonFolder(left: string, right: string): string {
  const [a, b] = [left.split('/'), right.split('/')];
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return a.slice(0, length).join('/');
}

/** Whether one of two folders lies in the other. */
export function overlap(left: string, right: string): boolean {
  return isBelow(left, right) || isBelow(right, left);
}
