/** Tells which shape of Flux install a cluster's folder holds, by what is written there. */
import type { Manifest } from '../../repo/manifests.ts';
import type { Scene } from '../scene.ts';
import type { LegacyShape, Place } from '../types.ts';
import { outsideInstalls } from './helm-release.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';

export interface DetectedShape {
  shape: LegacyShape;
  /** The shape without what there is of Flux Operator: what a half-done move came from. */
  legacyShape: LegacyShape;
  /** What gave it away, in words and as a place. */
  evidence: string;
  where: Place | null;
  /** Sources that hold Flux's own manifests. */
  fluxSources: Manifest[];
  /** The kustomization that installs Flux on a new cluster, or null. */
  bootstrap: Manifest | null;
  /** Everything that was found, whatever the shape. */
  found: Evidence;
}

type Finding = Pick<DetectedShape, 'shape' | 'evidence' | 'where'>;

export function detectShape(scene: Scene): DetectedShape {
  const found = gatherEvidence(
    scene.tree,
    scene.folder,
    scene.onSource.map((kustomization) => kustomization.folder),
    scene.elsewhere,
  );
  const legacy = judge(scene, found);
  const [operator] = found.operator;
  const finding: Finding = operator
    ? { shape: 'operator', evidence: `${operator.kind} ${operator.name}`, where: operator.place() }
    : legacy;
  return {
    ...finding,
    legacyShape: legacy.shape,
    fluxSources: found.fluxSources,
    bootstrap: found.bootstraps[0] ?? null,
    found,
  };
}

function judge(scene: Scene, found: Evidence): Finding {
  const { tree, folder, kustomizations } = scene;
  const finding = (shape: LegacyShape, evidence: string, manifest: Manifest | undefined): Finding => ({
    shape,
    evidence,
    where: manifest?.place() ?? null,
  });
  const owned = found.fluxSources.find((source) =>
    kustomizations.some(
      (candidate) => candidate.source.kind === source.kind && candidate.source.name === source.name,
    ),
  );
  if (owned) return finding('self-managed', `${owned.kind} ${owned.name} feeds a Kustomization`, owned);
  const [gotk] = found.gotkFiles;
  if (gotk) return { shape: 'flux-bootstrap', evidence: gotk.file, where: { file: gotk.file, line: 1 } };
  const [release] = found.releases;
  if (release) return finding('helm', `HelmRelease ${release.name} of the chart flux2`, release);
  const byHelm = found.rendered.find(({ origin }) => origin === 'helm');
  const [rendered] = found.rendered;
  if (rendered)
    return {
      shape: byHelm ? 'unknown' : 'flux-bootstrap',
      evidence: `${(byHelm ?? rendered).file} holds the controllers`,
      where: { file: (byHelm ?? rendered).file, line: 1 },
    };
  const [bootstrap] = found.bootstraps;
  const tracking = bootstrap && scene.appliersOf(bootstrap.file)[0];
  if (tracking)
    return finding(
      'self-managed',
      `${bootstrap.file} pulls fluxcd/flux2, and the Kustomization ${tracking.name} applies it`,
      bootstrap,
    );
  if (bootstrap)
    return finding(
      'bootstrap-only',
      'a kustomization pulls fluxcd/flux2, and nothing in Git owns the controllers',
      bootstrap,
    );
  const [outside] = outsideInstalls(tree, folder);
  if (outside)
    return {
      shape: 'helm',
      evidence: `${outside.where.file} installs the chart flux2 with ${outside.by}`,
      where: outside.where,
    };
  const [first] = kustomizations;
  if (first)
    return finding(
      'unknown',
      `Flux Kustomizations such as ${first.name}, but no install of Flux`,
      first.manifest,
    );
  return finding('none', 'no Flux objects', undefined);
}
