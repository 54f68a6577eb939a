/** The facts about a cluster's Flux that stand in Git, whatever they come to: sources, bootstrap folders, gotk files, releases, the operator, Terraform. */
import { findManifests, list, manifestsAmong, text, type Manifest } from '../../repo/manifests.ts';
import { isBelow } from '../../repo/snapshot.ts';
import type { Tree } from '../../repo/tree.ts';
import type { Place } from '../types.ts';
import { findReleases } from './helm-release.ts';
import { findRenderedInstalls, isGotkFile, isPlaceholder, type RenderedInstall } from './rendered-install.ts';

export interface Evidence {
  /** Sources that hold Flux's own manifests. */
  fluxSources: Manifest[];
  /** kustomization files that pull Flux's install from fluxcd/flux2. */
  bootstraps: Manifest[];
  /** gotk-components.yaml and gotk-sync.yaml; a placeholder holds comments alone. */
  gotkFiles: { file: string; placeholder: boolean }[];
  /** Files with the controllers' Deployments, gotk-components.yaml among them. */
  rendered: RenderedInstall[];
  /** HelmReleases of the community chart. */
  releases: Manifest[];
  /** Objects of Flux Operator: FluxInstances first, then what installs the operator. */
  operator: Manifest[];
  /** Terraform that bootstraps Flux: resources in any `.tf` file, with the path they write (null: not a literal). */
  terraform: { where: Place; resource: string; path: string | null }[];
}

/** oci://…/flux-manifests, or the Git repository of Flux itself. */
const fluxSourceUrl = /^oci:\/\/\S+\/flux-manifests\/?$|github\.com[/:]fluxcd\/flux2(\.git)?\/?$/;

/** A kustomize resource that is Flux's own install. */
export const fluxInstallEntry = /github\.com\/fluxcd\/flux2(\.git)?(\/\/?manifests\/install|\/releases\/)/;

/**
 * @param applied folders elsewhere that the cluster's Kustomizations apply
 * @param reached files elsewhere that their builds read
 */
export function gatherEvidence(
  tree: Tree,
  folder: string,
  applied: string[] = [],
  reached: readonly string[] = [],
): Evidence {
  // The root of the repository holds every other cluster, too.
  const elsewhere = applied.filter((path) => path !== '' && !isBelow(path, folder) && !isBelow(folder, path));
  const folders = [folder, ...elsewhere].filter(
    (path, index, all) =>
      !all.some((other, at) => (at < index && path === other) || (path !== other && isBelow(path, other))),
  );
  const files = reached.filter((file) => !folders.some((path) => isBelow(file, path)));
  const find = (words: RegExp): Manifest[] => [
    ...folders.flatMap((path) => findManifests(tree, path, words)),
    ...manifestsAmong(tree, files, words),
  ];
  const telling = find(
    /fluxcd\/flux2|flux-manifests|fluxcd\.controlplane\.io|flux-operator|flux-instance|fluxcd-community/,
  );
  const instances = telling.filter(isInstance);
  return {
    fluxSources: telling.filter(
      ({ kind, value }) =>
        (kind === 'OCIRepository' || kind === 'GitRepository') &&
        fluxSourceUrl.test(text(value, 'spec', 'url')),
    ),
    bootstraps: telling.filter(
      ({ kind, group, value, file }) =>
        group === 'kustomize.config.k8s.io' &&
        kind === 'Kustomization' &&
        // kustomize reads it by these names only: a copy under another one installs nothing.
        /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file) &&
        list(value, 'resources').some((entry) => fluxInstallEntry.test(String(entry))),
    ),
    gotkFiles: tree
      .paths()
      .filter((path) => (isBelow(path, folder) || files.includes(path)) && isGotkFile(path))
      .map((file) => ({ file, placeholder: isPlaceholder(tree.read(file) ?? '') })),
    rendered: findRenderedInstalls(tree, [
      ...tree.paths().filter((file) => folders.some((path) => isBelow(file, path))),
      ...files,
    ]),
    releases: findReleases(find),
    operator: [
      ...instances,
      ...telling.filter((manifest) => !instances.includes(manifest) && installsOperator(manifest)),
    ],
    terraform: tree
      .paths()
      .filter((path) => path.endsWith('.tf'))
      .flatMap((path) => terraformIn(path, tree.read(path) ?? '')),
  };
}

function isInstance({ kind, group }: Manifest): boolean {
  return kind === 'FluxInstance' && group === 'fluxcd.controlplane.io';
}

function installsOperator({ kind, value, name }: Manifest): boolean {
  if (kind === 'HelmRelease')
    return (
      /^flux-(operator|instance)$/.test(text(value, 'spec', 'chart', 'spec', 'chart')) ||
      /^flux-(operator|instance)$/.test(name)
    );
  return (
    kind === 'OCIRepository' && /\/charts\/flux-(operator|instance)\/?$/.test(text(value, 'spec', 'url'))
  );
}

/** `flux_bootstrap_git` of the provider fluxcd/flux, and the data sources that came before it. */
function terraformIn(file: string, source: string): Evidence['terraform'] {
  return [
    ...source.matchAll(
      /^\s*(?:resource|data)\s+"(flux_bootstrap_git|flux_install|flux_sync)"\s+"([^"]+)"\s*\{/gm,
    ),
  ].map((match) => {
    const block = source.slice(match.index).split(/^\}/m)[0] ?? '';
    const path = /^\s*(?:path|target_path)\s*=\s*"([^"$]*)"\s*$/m.exec(block)?.[1] ?? null;
    return {
      where: { file, line: source.slice(0, match.index + match[0].search(/\S/)).split('\n').length },
      resource: `${match[1]}.${match[2]}`,
      path: path === null ? null : path.replace(/^\.?\//, '').replace(/\/$/, ''),
    };
  });
}
