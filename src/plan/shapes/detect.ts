/** Tells which shape of Flux install a cluster's folder holds, by what is written there. */
import { findManifests, list, text, type Manifest } from '../../repo/manifests.ts';
import { isBelow } from '../../repo/snapshot.ts';
import type { Scene } from '../scene.ts';
import type { LegacyShape, Place } from '../types.ts';

export interface DetectedShape {
  shape: LegacyShape;
  /** What gave it away, in words and as a place. */
  evidence: string;
  where: Place | null;
  /** Sources that hold Flux's own manifests. */
  fluxSources: Manifest[];
  /** The kustomization that installs Flux on a new cluster, or null. */
  bootstrap: Manifest | null;
}

/** oci://…/flux-manifests, or the Git repository of Flux itself. */
const fluxSourceUrl = /^oci:\/\/\S+\/flux-manifests\/?$|github\.com[/:]fluxcd\/flux2(\.git)?\/?$/;

/** A kustomize resource that is Flux's own install. */
export const fluxInstallEntry = /github\.com\/fluxcd\/flux2(\.git)?(\/\/?manifests\/install|\/releases\/)/;

export function detectShape({ tree, folder, kustomizations }: Scene): DetectedShape {
  const telling = findManifests(
    tree,
    folder,
    /fluxcd\/flux2|flux-manifests|fluxcd\.controlplane\.io|flux-operator|flux-instance|fluxcd-community/,
  );
  const fluxSources = telling.filter(
    ({ kind, value }) =>
      (kind === 'OCIRepository' || kind === 'GitRepository') &&
      fluxSourceUrl.test(text(value, 'spec', 'url')),
  );
  const bootstrap =
    telling.find(
      ({ kind, group, value }) =>
        group === 'kustomize.config.k8s.io' &&
        kind === 'Kustomization' &&
        list(value, 'resources').some((entry) => fluxInstallEntry.test(String(entry))),
    ) ?? null;
  const found = (shape: LegacyShape, evidence: string, manifest: Manifest | null): DetectedShape => ({
    shape,
    evidence,
    where: manifest?.place() ?? null,
    fluxSources,
    bootstrap,
  });

  const operator = telling.find(isOperator);
  if (operator) return found('operator', `${operator.kind} ${operator.name}`, operator);
  const owned = fluxSources.find((source) =>
    kustomizations.some(
      (candidate) => candidate.source.kind === source.kind && candidate.source.name === source.name,
    ),
  );
  if (owned) return found('self-managed', `${owned.kind} ${owned.name} feeds a Kustomization`, owned);
  const gotk = tree
    .paths()
    .find((path) => isBelow(path, folder) && /(^|\/)gotk-(components|sync)\.yaml$/.test(path));
  if (gotk) return { ...found('flux-bootstrap', gotk, null), where: { file: gotk, line: 1 } };
  const release = telling.find(
    ({ kind, value }) =>
      kind === 'HelmRelease' && /^flux2?$/.test(text(value, 'spec', 'chart', 'spec', 'chart')),
  );
  if (release) return found('helm', `HelmRelease ${release.name} of the chart flux2`, release);
  if (bootstrap)
    return found(
      'bootstrap-only',
      'a kustomization pulls fluxcd/flux2, and nothing in Git owns the controllers',
      bootstrap,
    );
  if (kustomizations[0])
    return found(
      'unknown',
      `Flux Kustomizations such as ${kustomizations[0].name}, but no install of Flux`,
      kustomizations[0].manifest,
    );
  return found('none', 'no Flux objects', null);
}

function isOperator({ kind, group, value, name }: Manifest): boolean {
  if (kind === 'FluxInstance' && group === 'fluxcd.controlplane.io') return true;
  if (kind === 'HelmRelease')
    return (
      /^flux-(operator|instance)$/.test(text(value, 'spec', 'chart', 'spec', 'chart')) ||
      /^flux-(operator|instance)$/.test(name)
    );
  return (
    kind === 'OCIRepository' && /\/charts\/flux-(operator|instance)\/?$/.test(text(value, 'spec', 'url'))
  );
}
