/** Names, paths and sources of Kustomizations as the cluster has them: whoever applies one substitutes its variables first. */
import { field, isRecord, text, type Manifest } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';
import type { FluxKustomization } from './scene.ts';
import type { Place } from './types.ts';
import {
  isUnresolved,
  namesIn,
  substituted,
  valueSourcesIn,
  variablesOf,
  type Variables,
} from './variables.ts';

export interface Resolver {
  /** What the postBuild of a Kustomization gives its variables. */
  variablesOf(kustomization: Pick<FluxKustomization, 'spec' | 'namespace'>): Variables;
  /** A Kustomization of any file as whoever applies it leaves its names and paths. */
  asApplied(manifest: Manifest): Manifest;
  /** The names and paths whose variables Git does not tell. */
  unresolved(manifest: Manifest): Unresolved[];
}

interface Reading {
  /** Kustomizations of the cluster that apply a file. */
  appliers(file: string): FluxKustomization[];
  reaches(file: string): boolean;
}

/** @param artifact what the cluster sees; @param folder the cluster's, where its ConfigMaps are looked for first */
export function makeResolver(artifact: Tree, folder: string, reading: Reading): Resolver {
  const sources = valueSourcesIn(artifact, (file) => isBelow(file, folder) || reading.reaches(file));
  const variables: Resolver['variablesOf'] = ({ spec, namespace }) => variablesOf(spec, namespace, sources);
  const applierOf = ({ file, index }: Manifest): FluxKustomization | undefined =>
    reading
      .appliers(file)
      .find(
        ({ manifest }) => !hasVariables(manifest) && (manifest.file !== file || manifest.index !== index),
      );
  return {
    variablesOf: variables,
    asApplied(manifest) {
      const applier = hasVariables(manifest) ? applierOf(manifest) : undefined;
      return applier ? resolved(manifest, variables(applier)) : manifest;
    },
    unresolved(manifest) {
      if (!hasVariables(manifest)) return [];
      const applier = applierOf(manifest);
      return unresolvedIn(manifest, applier ?? null, applier ? variables(applier) : null);
    },
  };
}

/** A path or name that Git alone does not tell. */
export interface Unresolved {
  manifest: Manifest;
  where: Place;
  /** As written. */
  written: string;
  /** One for each variable: its name, and why it is not known. */
  reasons: string[];
  /** Whether a Kustomization in Git applies it at all. */
  applied: boolean;
}

const exempt = 'kustomize.toolkit.fluxcd.io/substitute';
/** What tells Kustomizations apart and where they lead; other fields are read as they are written. */
const places = [
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['spec', 'path'],
  ['spec', 'sourceRef', 'name'],
  ['spec', 'sourceRef', 'namespace'],
];

export function hasVariables({ value }: Manifest): boolean {
  return places.some((path) => isUnresolved(text(value, ...path)));
}

/** The object with the variables of its names and paths replaced by what is known of them. */
function resolved(manifest: Manifest, variables: Variables): Manifest {
  if (!hasVariables(manifest) || isExempt(manifest)) return manifest;
  const value = structuredClone(manifest.value);
  for (const path of places) {
    const parent = field(value, ...path.slice(0, -1));
    const key = path.at(-1) ?? '';
    if (isRecord(parent) && typeof parent[key] === 'string')
      parent[key] = substituted(parent[key], variables);
  }
  return {
    ...manifest,
    name: text(value, 'metadata', 'name'),
    namespace: text(value, 'metadata', 'namespace'),
    value,
  };
}

function unresolvedIn(
  manifest: Manifest,
  applier: FluxKustomization | null,
  variables: Variables | null,
): Unresolved[] {
  const reason = (name: string): string => {
    if (isExempt(manifest)) return 'its annotation switches the substitution off';
    if (!applier || !variables) return 'no Kustomization in Git applies it';
    if (!variables.active) return `${applier.name}, which applies it, has no postBuild`;
    const found = variables.lookUp(name);
    return found.state === 'known' ? 'used in a form that is not understood' : found.why;
  };
  return places.flatMap((path) => {
    const written = text(manifest.value, ...path);
    if (!isUnresolved(written)) return [];
    const reasons = namesIn(written).map((name) => `${name}: ${reason(name)}`);
    return [{ manifest, where: manifest.place(...path), written, reasons, applied: applier !== null }];
  });
}

function isExempt({ value }: Manifest): boolean {
  return ['annotations', 'labels'].some((key) => text(value, 'metadata', key, exempt) === 'disabled');
}
