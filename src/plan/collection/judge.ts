/** Judges a sequence of commits by what it would delete: whatever the plan does not name is refused. */
import { instanceFiles } from './adopted.ts';
import { AppliedState, appliedIn, type Surroundings } from './applied.ts';
import { keyOf, referenceTo, type BuiltObject } from './built-object.ts';
import { artifactOf } from '../../repo/artifact.ts';
import type { KustomizeBuild } from '../../repo/kustomize-program.ts';
import { memoryTree, overlayTree, type Tree } from '../../repo/tree.ts';
import { canonicalJson } from '../digest.ts';
import { allComponents, objectsOf } from '../flux-objects.ts';
import type { Scene } from '../scene.ts';
import type { Change, CollectionEffect, Hazard, ObjectReference } from '../types.ts';
import type { CommitEffect } from './effect.ts';
import { effectHazards, statefulHazards } from './hazards.ts';
import { simulateCommit, stateAfter, type Rules } from './simulate.ts';

export interface JudgeRequest {
  scene: Scene;
  /** Sources of Flux's own manifests. */
  fluxSources: { kind: string; name: string; namespace: string }[];
  /** Flux version that runs, e.g. `2.9.2`; '' where it is not known. */
  fluxVersion: string;
  build: KustomizeBuild;
}

export interface Judgement {
  /** By commit, in their order. */
  effects: CollectionEffect[][];
  hazards: Hazard[];
}

/** Plays the commits one after the other on the tree of the scene. Each is judged against its own `collects`. */
export async function judgeCommits(
  { scene, fluxSources, fluxVersion, build }: JudgeRequest,
  changes: Pick<Change, 'phase' | 'files' | 'collects'>[],
): Promise<Judgement> {
  const { namespace } = scene.cluster;
  const surroundings: Surroundings = {
    build,
    namespace,
    source: {
      name: scene.source?.name ?? '',
      namespace: scene.source?.namespace || namespace,
    },
    fluxSources: new Set(
      fluxSources.map((source) => `${source.kind}/${source.namespace || namespace}/${source.name}`),
    ),
    resolver: scene.resolver,
  };
  const rules: Rules = {
    namespace,
    resolver: scene.resolver,
    fluxVersion,
    allOfFlux: allOfFlux(namespace),
    instanceFiles: instanceFiles(scene.artifact, scene.folder),
    ships: shipping(scene, changes),
  };
  const files = new Set(scene.kustomizations.map(({ manifest }) => manifest.file));
  const applied = [...files].flatMap((file) => appliedIn(scene.artifact, file, namespace, scene.resolver));
  let state = new AppliedState(
    scene.artifact,
    new Map(applied.map((each) => [each.key, each])),
    surroundings,
  );
  const { trees, foreseen } = layOut(state, changes, rules);
  const judgement: Judgement = { effects: [], hazards: [] };
  const all: CommitEffect[] = [];
  for (const [index, change] of changes.entries()) {
    const simulated = await simulateCommit(state, trees[index] ?? state.tree, change, rules);
    judgement.effects.push(simulated.effects.map(describeEffect));
    judgement.hazards.push(...effectHazards(change, simulated.effects, state, simulated.state));
    all.push(...simulated.effects);
    state = simulated.state;
  }
  judgement.hazards.push(...statefulHazards(all, scene.tree, fluxVersion));
  await foreseen;
  return { ...judgement, hazards: distinct(judgement.hazards) };
}

/** What no commit changes is found at each of them, and said once. */
function distinct(hazards: Hazard[]): Hazard[] {
  return [...new Map(hazards.map((hazard) => [canonicalJson(hazard), hazard])).values()];
}

/** The tree that each commit leaves; what will be built of them is begun at once, since the builds do not wait for each other. */
function layOut(
  first: AppliedState,
  changes: Pick<Change, 'files'>[],
  rules: Rules,
): { trees: Tree[]; foreseen: Promise<unknown> } {
  const trees: Tree[] = [];
  const building: Promise<void>[] = [];
  let state = first;
  for (const change of changes) {
    const files = change.files.filter(({ path }) => rules.ships(path));
    const tree = overlayTree(state.tree, Object.fromEntries(files.map(({ path, after }) => [path, after])));
    const next = stateAfter(state, tree, files, rules);
    for (const { path } of files) building.push(state.foresee(path), next.foresee(path));
    trees.push(tree);
    state = next;
  }
  // What fails here fails again where its answer is needed.
  return { trees, foreseen: Promise.allSettled(building) };
}

/** Which of the changed files get through to Flux at all. */
function shipping({ tree, source }: Scene, changes: Pick<Change, 'files'>[]): (path: string) => boolean {
  const rules = tree.paths().filter((path) => /(^|\/)\.sourceignore$/.test(path));
  const changed = changes.flatMap(({ files }) => files.map(({ path }) => path));
  const texts = [...rules.map((path) => [path, tree.read(path) ?? '']), ...changed.map((path) => [path, ''])];
  const shipped = new Set(artifactOf(memoryTree(Object.fromEntries(texts)), source).paths());
  return (path) => shipped.has(path);
}

function describeEffect({
  kustomization,
  gains,
  changes,
  collects,
  unknown,
}: CommitEffect): CollectionEffect {
  return {
    kustomization: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      namespace: kustomization.namespace,
      name: kustomization.name,
    },
    gains: references(gains),
    changes: references(changes),
    collects: references(collects.map(({ object }) => object)),
    unknown: unknown.map(({ what }) => what),
  };
}

function references(objects: BuiltObject[]): ObjectReference[] {
  return objects.map(referenceTo).sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

/** What an install of every component consists of, by the names that upstream gives. */
function allOfFlux(namespace: string): BuiltObject[] {
  const versions: Record<string, string> = {
    '': 'v1',
    apps: 'apps/v1',
    'apiextensions.k8s.io': 'apiextensions.k8s.io/v1',
  };
  return objectsOf(allComponents, namespace, true)
    .filter(({ kind }) => ['Namespace', 'Deployment', 'CustomResourceDefinition'].includes(kind))
    .map(({ group, kind, name }) => {
      const inNamespace = kind === 'Deployment' ? namespace : '';
      return {
        key: `${group}/${kind}/${inNamespace}/${name}`,
        apiVersion: versions[group] ?? group,
        group,
        kind,
        namespace: inNamespace,
        name,
        file: null,
        text: '',
        marks: {},
        value: () => ({}),
      };
    });
}
