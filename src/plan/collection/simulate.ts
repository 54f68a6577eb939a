/** Plays a sequence of commits through: what each Kustomization that a changed file reaches would gain, change and delete. */
import { field } from '../../repo/manifests.ts';
import type { UnknownPart } from '../../repo/kustomize-stage.ts';
import type { Tree } from '../../repo/tree.ts';
import { canonicalJson } from '../digest.ts';
import type { Resolver } from '../resolve.ts';
import type { Change } from '../types.ts';
import { instanceState, type InstanceState } from './adopted.ts';
import { appliedFrom, appliedIn, type AppliedState, type Inventory } from './applied.ts';
import type { BuiltObject } from './built-object.ts';
import type { CommitEffect, UnknownEffect } from './effect.ts';
import { applierOf, cascades, isIdle, isLeftAlone, protection, prunes } from './garbage.ts';

export interface Rules {
  /** Of the controllers. */
  namespace: string;
  /** Flux version that runs, e.g. `2.9.2`; '' where it is not known. */
  fluxVersion: string;
  /** Everything a Flux install consists of, for what takes all of it along. */
  allOfFlux: BuiltObject[];
  /** Files in which a FluxInstance stands; grows with the commits. */
  instanceFiles: Set<string>;
  /** Whether the source hands a file on to Flux (`.sourceignore`, spec.ignore). */
  ships(path: string): boolean;
  resolver: Pick<Resolver, 'asApplied'>;
}

export interface Simulated {
  effects: CommitEffect[];
  /** How the cluster stands afterwards. */
  state: AppliedState;
}

/**
 * @param before the cluster as the commit finds it, everything earlier having arrived
 * @param tree as the commit leaves it
 */
export async function simulateCommit(
  before: AppliedState,
  tree: Tree,
  change: Pick<Change, 'files'>,
  rules: Rules,
): Promise<Simulated> {
  const files = change.files.filter(({ path }) => rules.ships(path));
  const after = stateAfter(before, tree, files, rules);
  const commit = new Commit(before, after, rules);
  for (const { path } of files) {
    for (const each of before.readersOf(path)) commit.look(each.key);
    for (const each of after.readersOf(path)) commit.look(each.key);
    if (/FluxInstance|flux-instance/.test(tree.read(path) ?? '')) rules.instanceFiles.add(path);
  }
  const effects = await commit.effects();
  for (const key of commit.deleted) after.kustomizations.delete(key);
  return { effects, state: after };
}

/** The cluster after a commit, as far as the files alone tell it. */
export function stateAfter(
  before: AppliedState,
  tree: Tree,
  files: Change['files'],
  { namespace, resolver }: Pick<Rules, 'namespace' | 'resolver'>,
): AppliedState {
  const kustomizations = new Map(before.kustomizations);
  for (const { path, after } of files)
    for (const each of after === null ? [] : appliedIn(tree, path, namespace, resolver))
      kustomizations.set(each.key, each);
  return before.on(tree, kustomizations);
}

class Commit {
  readonly deleted = new Set<string>();
  readonly #before: AppliedState;
  readonly #after: AppliedState;
  readonly #rules: Rules;
  readonly #adopted: InstanceState | null;
  readonly #queue: string[] = [];

  constructor(before: AppliedState, after: AppliedState, rules: Rules) {
    this.#before = before;
    this.#after = after;
    this.#rules = rules;
    const instance = instanceState(before.tree, rules.instanceFiles, rules.namespace);
    this.#adopted = instance?.enabled ? instance : null;
  }

  /** A Kustomization that the commit reaches. */
  look(key: string): void {
    if (!this.#queue.includes(key)) this.#queue.push(key);
  }

  async effects(): Promise<CommitEffect[]> {
    const effects: CommitEffect[] = [];
    // The queue grows: what changes a Kustomization changes what that one applies.
    for (let index = 0; index < this.#queue.length; index += 1) {
      const effect = await this.#effectOn(this.#queue[index] ?? '');
      if (effect) effects.push(effect);
    }
    for (const effect of effects) await this.#lookForFolder(effect);
    return effects;
  }

  /** Told only now: a Kustomization that goes together with its folder fails nowhere. */
  async #lookForFolder({ kustomization: { key, name }, unknown }: CommitEffect): Promise<void> {
    const [was, is] = [this.#before.kustomizations.get(key), this.#after.kustomizations.get(key)];
    if (!is || this.deleted.has(key)) return;
    const path = await this.#after.missingPath(is);
    if (path === null || (was && (await this.#before.missingPath(was)) !== null)) return;
    const what = `what ${name} applies is not known: its path ${path} is not there any more`;
    unknown.push({ what, where: null, mayBeFlux: false, failed: true, foreign: false, steady: false });
  }

  async #effectOn(key: string): Promise<CommitEffect | null> {
    const [was, is] = [this.#before.kustomizations.get(key), this.#after.kustomizations.get(key)];
    const described = is ?? was;
    if (!described) return null;
    const [oldSpec, newSpec] = await Promise.all([
      was ? this.#before.specOf(was) : null,
      is ? this.#after.specOf(is) : null,
    ]);
    const [oldApplier, newApplier] = [oldSpec && applierOf(oldSpec), newSpec && applierOf(newSpec)];
    if (isIdle(oldApplier, newApplier)) return null;
    const [old, current] = await Promise.all([
      was ? this.#before.inventoryOf(was) : nothing,
      is ? this.#after.inventoryOf(is) : nothing,
    ]);
    const effect: CommitEffect = {
      kustomization: { key, name: described.name, namespace: described.namespace, file: described.file },
      gains: [],
      changes: [],
      collects: [],
      unknown: [],
      inventory: old.known ? [...old.objects.values()] : [],
    };
    effect.unknown.push(...unknownOf(described.name, old, current, sameContent(oldSpec, newSpec)));
    if (!old.known || !current.known) return effect;
    for (const object of current.objects.values()) {
      const earlier = old.objects.get(object.key);
      if (earlier && earlier.text === object.text && sameMarks(earlier, object)) continue;
      if (!isLeftAlone(object)) (earlier ? effect.changes : effect.gains).push(object);
      if (isKustomization(object)) this.#learn(object);
    }
    if (oldApplier && prunes(oldApplier, newApplier ?? oldApplier))
      for (const object of old.objects.values())
        if (!current.objects.has(object.key)) await this.#collect(effect, object, 'left', described.name);
    return effect;
  }

  /** A Kustomization came or changed: it will apply something else. */
  #learn(object: BuiltObject): void {
    const { kustomizations } = this.#after;
    if (!kustomizations.has(object.key)) {
      // A list that renames what it lists: what stands in the file comes under the other name alone.
      for (const { key, file, name } of kustomizations.values())
        if (file === object.file && object.name.includes(name) && !this.#before.kustomizations.has(key))
          kustomizations.delete(key);
      kustomizations.set(object.key, appliedFrom(object));
    }
    this.look(object.key);
  }

  async #collect(
    effect: CommitEffect,
    object: BuiltObject,
    cause: 'left' | 'owner-deleted',
    by: string,
  ): Promise<void> {
    if (protection(object, this.#rules.fluxVersion) !== null || this.#adopted?.owns(object)) return;
    if (effect.collects.some((each) => each.object.key === object.key)) return;
    effect.collects.push({ object, cause, by });
    if (isKustomization(object)) await this.#deleteKustomization(effect, object);
    else await this.#deleteWithContents(effect, object);
  }

  /** With a Kustomization goes what it applied, unless it is suspended, does not prune, or orphans. */
  async #deleteKustomization(effect: CommitEffect, object: BuiltObject): Promise<void> {
    this.deleted.add(object.key);
    const doomed = this.#before.kustomizations.get(object.key) ?? appliedFrom(object);
    if (!cascades(applierOf(await this.#before.specOf(doomed)))) return;
    const inventory = await this.#before.inventoryOf(doomed);
    if (inventory.known) {
      for (const each of inventory.objects.values())
        await this.#collect(effect, each, 'owner-deleted', doomed.name);
      this.#unknown(
        effect,
        inventory.unknown.map(({ what }) => `${doomed.name} deletes ${what}, too`),
      );
    } else if (inventory.isFlux) this.#collectFlux(effect, doomed.name);
    else
      this.#unknown(effect, [
        `Kustomization ${doomed.name} is deleted and takes along what it applied, which is not known: ${inventory.why}`,
      ]);
  }

  /** Objects that take others along. */
  async #deleteWithContents(effect: CommitEffect, object: BuiltObject): Promise<void> {
    const { kind, name, group } = object;
    if (kind === 'FluxInstance' && group === 'fluxcd.controlplane.io') {
      const mark = object.marks['fluxcd.controlplane.io/reconcile']?.toLowerCase();
      if (mark !== 'disabled') this.#collectFlux(effect, `FluxInstance ${name}`);
    } else if (kind === 'HelmRelease' && field(object.value(), 'spec', 'suspend') !== true)
      this.#unknown(effect, [`everything that the Helm release ${name} installed is deleted`]);
    else if (kind === 'Namespace') this.#unknown(effect, [`everything in the namespace ${name} is deleted`]);
    else if (kind === 'CustomResourceDefinition')
      this.#unknown(effect, [`every object of ${name} is deleted`]);
  }

  #collectFlux(effect: CommitEffect, by: string): void {
    for (const object of this.#rules.allOfFlux)
      if (!effect.collects.some((each) => each.object.key === object.key))
        effect.collects.push({ object, cause: 'owner-deleted', by });
  }

  #unknown(effect: CommitEffect, sentences: string[]): void {
    const { namespace } = this.#rules;
    for (const what of sentences) {
      const mayBeFlux = fluxWords.test(what) || what.includes(`namespace ${namespace} `);
      effect.unknown.push({ what, where: null, mayBeFlux, failed: false, foreign: false, steady: false });
    }
  }
}

/** What can not be told about a Kustomization; the same on both sides, it is steady. */
function unknownOf(name: string, old: Inventory, current: Inventory, sameSpec: boolean): UnknownEffect[] {
  const wholes = [old, current].flatMap((inventory) => (inventory.known ? [] : [inventory]));
  const parts = (inventory: Inventory): UnknownPart[] => (inventory.known ? inventory.unknown : []);
  const [earlier, later] = [parts(old), parts(current)];
  const isIn = (list: UnknownPart[], part: UnknownPart): boolean =>
    list.some(({ what, file }) => what === part.what && file === part.file);
  return [
    ...[...new Map(wholes.map((whole) => [whole.why, whole])).values()].map((whole) => ({
      what: `what ${name} applies is not known: ${whole.why}`,
      where: null,
      mayBeFlux: whole.isFlux,
      failed: !current.known && current.failed && whole.why === current.why,
      foreign: !whole.failed,
      steady: sameSpec && wholes.length === 2 && !whole.failed,
    })),
    ...[...later, ...earlier.filter((part) => !isIn(later, part))].map((part) => ({
      what: `${name} also applies ${part.what}`,
      where: { file: part.file, line: part.line },
      mayBeFlux: fluxWords.test(part.what),
      failed: false,
      foreign: false,
      steady: isIn(earlier, part) && isIn(later, part),
    })),
  ];
}

/** Fields that say when and how, not what. */
const manner = new Set(
  `interval retryInterval timeout prune deletionPolicy suspend wait dependsOn force healthChecks healthCheckExprs`.split(
    ' ',
  ),
);

function sameContent(left: Record<string, unknown> | null, right: Record<string, unknown> | null): boolean {
  const content = (spec: Record<string, unknown> | null): string =>
    canonicalJson(spec && Object.fromEntries(Object.entries(spec).filter(([key]) => !manner.has(key))));
  return content(left) === content(right);
}

const nothing: Inventory = { known: true, objects: new Map(), unknown: [] };

/** Words that tell that Flux itself may be meant. */
const fluxWords = /fluxcd|flux2|flux-(operator|instance|manifests|system)|gotk|toolkit\.fluxcd/i;

function isKustomization({ group, kind }: BuiltObject): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization';
}

function sameMarks(left: BuiltObject, right: BuiltObject): boolean {
  return JSON.stringify(left.marks) === JSON.stringify(right.marks);
}
