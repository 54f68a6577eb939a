/** Tells the clusters of one tree apart by folder: each has a source and a root of its own, and takes in what hangs on them. */
import type { FluxKustomization } from '../plan/scene.ts';
import type { Manifest } from '../repo/manifests.ts';
import { reachOf } from '../repo/kustomize-build.ts';
import { isBelow } from '../repo/snapshot.ts';
import {
  commonFolder,
  folderOf,
  hasFolder,
  overlap,
  readsSource,
  type InstallMark,
  type Wiring,
} from './wiring.ts';

export interface Zone {
  /** The cluster's folder, '' for the whole repository. */
  folder: string;
  /** Where its root or its install was found: the folder before it was widened, by which it is named. */
  core: string;
  /** What the cluster reads; null where only an install was found. */
  source: Manifest | null;
  root: FluxKustomization | null;
  /** Kustomizations that read its source. */
  members: FluxKustomization[];
  installs: InstallMark[];
}

export interface Zones {
  zones: Zone[];
  /** Installs that belong to no cluster, or to several. */
  outside: InstallMark[];
}

/** Folders that say what is in them, not which cluster it is. */
const plumbing = /\/?(flux-system|flux|config|bootstrap|gotk|sync)$/;

export function findZones(wiring: Wiring): Zones {
  const zones = nested(seeds(wiring));
  for (const zone of zones) widenByMembers(wiring, zone, zones);
  const outside: InstallMark[] = [];
  for (const install of wiring.installs) if (!takeIn(wiring, install, zones)) outside.push(install);
  if (zones.length > 0) {
    const [only] = zones;
    // One cluster in the whole repository: its install is that of the repository.
    if (only && zones.length === 1 && only.installs.length === 0 && outside[0]) {
      only.folder = '';
      only.installs.push(...outside.splice(0));
    }
    return { zones, outside };
  }
  return { zones: byInstall(outside), outside: [] };
}

/** One zone a source that Kustomizations nearby read. */
function seeds({ sources, kustomizations }: Wiring): Zone[] {
  let left = sources;
  for (;;) {
    const members = new Map(left.map((source) => [source, [] as FluxKustomization[]]));
    for (const kustomization of kustomizations) {
      const nearest = nearestSource(kustomization, left);
      if (nearest) members.get(nearest)?.push(kustomization);
    }
    // A second copy of a source (in a bootstrap folder, say) has nobody near: without it, ties are decided.
    const used = left.filter((source) => (members.get(source)?.length ?? 0) > 0);
    if (used.length === left.length) return left.map((source) => seed(source, members.get(source) ?? []));
    left = used;
  }
}

/** By the deepest common folder; null where two are equally near. */
function nearestSource(kustomization: FluxKustomization, sources: Manifest[]): Manifest | null {
  const ranked = sources
    .filter((source) => readsSource(kustomization, source))
    .map((source) => ({ source, depth: commonFolder(kustomization.manifest.file, source.file).length }))
    .sort((left, right) => right.depth - left.depth);
  return ranked[0] && ranked[0].depth !== ranked[1]?.depth ? ranked[0].source : null;
}

function seed(source: Manifest, members: FluxKustomization[]): Zone {
  const root =
    members
      .filter(({ manifest, folder }) => isBelow(manifest.file, folder) && isBelow(source.file, folder))
      .sort((left, right) => left.folder.length - right.folder.length)[0] ?? null;
  const near = members.map(({ manifest }) => commonFolder(folderOf(manifest.file), folderOf(source.file)));
  const beside = near.sort((left, right) => right.length - left.length)[0] ?? '';
  const core = root?.folder ?? withoutPlumbing(beside);
  return { folder: core, core, source, root, members, installs: [] };
}

function withoutPlumbing(folder: string): string {
  let current = folder;
  while (plumbing.test(current)) current = current.replace(plumbing, '');
  return current;
}

/** A zone inside another one is another source of the same cluster. */
function nested(zones: Zone[]): Zone[] {
  const kept: Zone[] = [];
  for (const zone of zones.toSorted((left, right) => left.core.length - right.core.length)) {
    const outer = kept.find(({ core }) => isBelow(zone.core, core));
    if (!outer) kept.push(zone);
    // The one that more Kustomizations read is the cluster's own.
    else if (outer.core === zone.core && zone.members.length > outer.members.length)
      Object.assign(outer, zone);
  }
  return kept;
}

/** What the zone's Kustomizations apply belongs to it, as long as no other cluster lies there, too. */
function widenByMembers({ tree }: Wiring, zone: Zone, zones: Zone[]): void {
  for (let before = ''; before !== zone.folder;) {
    before = zone.folder;
    for (const { manifest, folder } of zone.members)
      if (isBelow(manifest.file, zone.folder) && hasFolder(tree, folder)) widen(zone, folder, zones);
  }
}

function widen(zone: Zone, to: string, zones: Zone[]): boolean {
  const wider = commonFolder(zone.folder, to);
  if (wider === '' && zone.folder !== '') return false;
  if (zones.some((other) => other !== zone && overlap(other.folder, wider))) return false;
  zone.folder = wider;
  return true;
}

function takeIn({ tree }: Wiring, install: InstallMark, zones: Zone[]): boolean {
  const at = install.folder;
  const within = zones.find(({ folder }) => isBelow(at, folder));
  // A base that a cluster applies is its own without lying in its folder; several clusters may share it.
  const applying = within
    ? []
    : zones.filter(({ members }) =>
        members.some(({ folder }) => reachOf(tree, folder).files.has(install.where.file)),
      );
  for (const zone of applying) zone.installs.push(install);
  if (applying.length > 0) return true;
  const home =
    within ??
    zones
      .toSorted((left, right) => commonFolder(at, right.folder).length - commonFolder(at, left.folder).length)
      .find((zone) => widen(zone, at, zones));
  home?.installs.push(install);
  return home !== undefined;
}

/** Installs without a source in Git: a zone a folder. */
function byInstall(installs: InstallMark[]): Zone[] {
  const zones = new Map<string, Zone>();
  for (const install of installs) {
    const folder = withoutPlumbing(install.folder);
    const zone = zones.get(folder) ?? {
      folder,
      core: folder,
      source: null,
      root: null,
      members: [],
      installs: [],
    };
    zone.installs.push(install);
    zones.set(folder, zone);
  }
  return nested([...zones.values()]);
}
