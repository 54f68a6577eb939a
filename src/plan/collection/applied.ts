/** The Kustomizations of a cluster at one commit, each with what it really applies: spec as its parents build it, and its inventory. */
import { isFolder } from '../../repo/kustomize-folders.ts';
import { foldersReading } from '../../repo/kustomize-readers.ts';
import { folderPath } from '../../repo/kustomize-references.ts';
import type { KustomizeBuild } from '../../repo/kustomize-program.ts';
import type { UnknownPart } from '../../repo/kustomize-stage.ts';
import { isRecord, list, manifestsOf, text } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { posix } from 'node:path';
import type { Resolver } from '../resolve.ts';
import { isFluxKustomization } from '../scene.ts';
import { isUnresolved } from '../variables.ts';
import { readBuild, type BuiltObject } from './built-object.ts';
import { afterBuild } from './substitution.ts';

/** One Flux Kustomization, wherever it is written. */
export interface Applied {
  /** As `BuiltObject.key`. */
  key: string;
  name: string;
  namespace: string;
  /** As written; what the parents make of it is told by `specOf`. */
  spec: Record<string, unknown>;
  /** Where it is written; null when only a build shows it. */
  file: string | null;
}

/** What a Kustomization applies, as far as it can be known here. */
export type Inventory =
  | { known: true; objects: Map<string, BuiltObject>; unknown: UnknownPart[] }
  | {
      known: false;
      /** In words, e.g. `its source OCIRepository x is not this repository`. */
      why: string;
      /** Flux's own manifests: all of Flux is in it. */
      isFlux: boolean;
      /** A build was tried and failed: the cluster will fail, too. */
      failed: boolean;
    };

/** What does not change from commit to commit. */
export interface Surroundings {
  build: KustomizeBuild;
  /** Name and namespace of the GitRepository that is this repository. */
  source: { name: string; namespace: string };
  /** Keys (`kind/namespace/name`) of the sources of Flux's own manifests. */
  fluxSources: ReadonlySet<string>;
  /** For objects that leave out their namespace. */
  namespace: string;
  resolver: Pick<Resolver, 'variablesOf' | 'asApplied'>;
}

export class AppliedState {
  readonly tree: Tree;
  readonly kustomizations: Map<string, Applied>;
  readonly #surroundings: Surroundings;
  readonly #specs = new Map<string, Promise<Record<string, unknown>>>();
  readonly #inventories = new Map<string, Promise<Inventory>>();

  constructor(tree: Tree, kustomizations: Map<string, Applied>, surroundings: Surroundings) {
    this.tree = tree;
    this.kustomizations = kustomizations;
    this.#surroundings = surroundings;
  }

  /** The same surroundings with other files. */
  on(tree: Tree, kustomizations: Map<string, Applied>): AppliedState {
    return new AppliedState(tree, kustomizations, this.#surroundings);
  }

  /** Begins to build what reads a file, as it is written: mostly that is what will be asked for, and a build takes its time. */
  async foresee(file: string): Promise<void> {
    const { build } = this.#surroundings;
    const building = this.readersOf(file).map(({ spec }) =>
      build(this.tree, folderPath(text(spec, 'path')), spec),
    );
    await Promise.all(building);
  }

  /** Kustomizations whose build reads the file. */
  readersOf(file: string): Applied[] {
    const folders = foldersReading(this.tree, file);
    return [...this.kustomizations.values()].filter(({ namespace, spec }) => {
      if (!this.#readsThisRepository(namespace, spec)) return false;
      const folder = folderPath(text(spec, 'path'));
      return (
        folders.has(folder) ||
        list(spec, 'components').some(
          (entry) => typeof entry === 'string' && folders.has(folderPath(posix.join(folder, entry))),
        )
      );
    });
  }

  /** The spec as the Kustomizations above leave it on the cluster. */
  specOf(kustomization: Applied): Promise<Record<string, unknown>> {
    return this.#spec(kustomization, []);
  }

  inventoryOf(kustomization: Applied): Promise<Inventory> {
    return this.#inventory(kustomization, []);
  }

  /** @param trail Kustomizations being asked: one that applies itself is built as it is written */
  #spec(kustomization: Applied, trail: string[]): Promise<Record<string, unknown>> {
    const known = this.#specs.get(kustomization.key);
    if (known) return known;
    const asking = this.#askParents(kustomization, trail);
    if (trail.length === 0) this.#specs.set(kustomization.key, asking);
    return asking;
  }

  async #askParents({ key, file, spec }: Applied, trail: string[]): Promise<Record<string, unknown>> {
    if (file === null || trail.includes(key)) return spec;
    for (const parent of this.readersOf(file)) {
      if (trail.includes(parent.key)) continue;
      const inventory = await this.#inventory(parent, [...trail, key]);
      const object = inventory.known ? inventory.objects.get(key) : undefined;
      const built = object?.value()['spec'];
      if (isRecord(built)) return built;
    }
    return spec;
  }

  #inventory(kustomization: Applied, trail: string[]): Promise<Inventory> {
    const known = this.#inventories.get(kustomization.key);
    if (known) return known;
    const building = this.#spec(kustomization, trail).then((spec) => this.#build(kustomization, spec));
    if (trail.length === 0) this.#inventories.set(kustomization.key, building);
    return building;
  }

  async #build({ namespace }: Applied, spec: Record<string, unknown>): Promise<Inventory> {
    const source = sourceOf(spec, namespace);
    const named = `${source.kind} ${source.name}`;
    if (!this.#readsThisRepository(namespace, spec))
      return {
        known: false,
        why: `its source ${named} is not this repository`,
        isFlux: this.#surroundings.fluxSources.has(`${source.kind}/${source.namespace}/${source.name}`),
        failed: false,
      };
    const path = text(spec, 'path');
    if (isUnresolved(path))
      return { known: false, why: `its path ${path} is a variable`, isFlux: false, failed: false };
    const folder = folderPath(path);
    const built = await this.#surroundings.build(this.tree, folder, spec);
    if (!built.ok)
      return { known: false, why: `its build fails: ${built.reason}`, isFlux: false, failed: true };
    const variables = this.#surroundings.resolver.variablesOf({ spec, namespace });
    const objects = readBuild(
      built.output,
      folder,
      afterBuild(spec, variables),
      this.#surroundings.namespace,
    );
    return {
      known: true,
      objects: new Map(objects.map((object) => [object.key, object])),
      unknown: built.unknown,
    };
  }

  /** The path of a Kustomization on this repository where no file is left below it: kustomize-controller fails then. Else null. */
  async missingPath(kustomization: Applied): Promise<string | null> {
    const spec = await this.specOf(kustomization);
    const path = text(spec, 'path');
    if (!this.#readsThisRepository(kustomization.namespace, spec) || isUnresolved(path)) return null;
    return isFolder(this.tree, folderPath(path)) ? null : path;
  }

  #readsThisRepository(namespace: string, spec: Record<string, unknown>): boolean {
    const source = sourceOf(spec, namespace);
    const own = this.#surroundings.source;
    return source.kind === 'GitRepository' && source.name === own.name && source.namespace === own.namespace;
  }
}

function sourceOf(
  spec: Record<string, unknown>,
  namespace: string,
): { kind: string; name: string; namespace: string } {
  return {
    kind: text(spec, 'sourceRef', 'kind'),
    name: text(spec, 'sourceRef', 'name'),
    namespace: text(spec, 'sourceRef', 'namespace') || namespace,
  };
}

/** Kustomizations that are written in a file. */
export function appliedIn(
  tree: Tree,
  file: string,
  defaultNamespace: string,
  { asApplied }: Pick<Resolver, 'asApplied'>,
): Applied[] {
  return manifestsOf(tree, file)
    .filter(isFluxKustomization)
    .map(asApplied)
    .map(({ group, name, namespace, value }) => ({
      key: `${group}/Kustomization/${namespace || defaultNamespace}/${name}`,
      name,
      namespace: namespace || defaultNamespace,
      spec: isRecord(value['spec']) ? value['spec'] : {},
      file,
    }));
}

/** A Kustomization that a build shows. */
export function appliedFrom(object: BuiltObject): Applied {
  const spec = object.value()['spec'];
  return {
    key: object.key,
    name: object.name,
    namespace: object.namespace,
    spec: isRecord(spec) ? spec : {},
    file: object.file,
  };
}
