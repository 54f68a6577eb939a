/** What is said about the effects of a commit: every deletion and every gain that the plan does not name, and all that is not known. */
import { manifestsOf } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { note, refuse, warn } from '../hazard.ts';
import type { Change, Hazard, ObjectReference, Place } from '../types.ts';
import type { AppliedState } from './applied.ts';
import type { BuiltObject } from './built-object.ts';
import type { Collected, CommitEffect } from './effect.ts';
import { protection } from './garbage.ts';
import { isStateful } from './stateful.ts';

type Commit = Pick<Change, 'phase' | 'files' | 'collects'>;

/** @param before @param after the cluster around the commit */
export function effectHazards(
  commit: Commit,
  effects: CommitEffect[],
  before: AppliedState,
  after: AppliedState,
): Hazard[] {
  return effects.flatMap((effect) => [
    ...collectHazards(commit, effect, before.tree),
    ...gainHazards(commit, effect, after),
    ...unknownHazards(commit, effect, after.tree),
  ]);
}

function collectHazards(commit: Commit, { collects, kustomization }: CommitEffect, tree: Tree): Hazard[] {
  const planned = new Set(commit.collects.map(identity));
  const unplanned = collects.filter(({ object }) => !planned.has(identity(object)));
  return [...groupedBy(unplanned, ({ by, cause }) => `${cause} ${by}`)].map((group) => {
    const [{ by, cause, object } = unplanned[0]!] = group;
    const objects = group.map((each) => each.object);
    return refuse(
      'collects-unplanned',
      placeOf(tree, objects.find(({ file }) => file !== null) ?? object, kustomization.file),
      {
        what: `The commit of phase ${commit.phase} makes ${by} delete ${named(objects)}${suffix(group)}`,
        why:
          cause === 'left'
            ? `They leave what Kustomization ${by} applies, and it prunes; the plan does not name them`
            : `${by} is deleted and takes along what it owns; the plan does not name that`,
        mend: mendOf(group, by),
      },
    );
  });
}

function suffix(group: Collected[]): string {
  const data = group.filter(({ object }) => isStateful(object)).length;
  return data > 0 ? ` (${data} of them hold${data === 1 ? 's' : ''} data or whole APIs)` : '';
}

function mendOf([first]: Collected[], by: string): string {
  return first?.cause === 'owner-deleted'
    ? `Set prune: false and deletionPolicy: Orphan on ${by} in an earlier commit, and wait until the cluster has it`
    : `Keep them where ${by} finds them, or annotate each with kustomize.toolkit.fluxcd.io/prune: disabled in an earlier commit`;
}

function gainHazards(commit: Commit, { gains, kustomization }: CommitEffect, after: AppliedState): Hazard[] {
  const written = new Set(commit.files.map(({ path }) => path));
  const foreign = gains.filter(({ file }) => file !== null && !written.has(file));
  const hazards: Hazard[] = [];
  if (foreign[0])
    hazards.push(
      refuse('gains-unplanned', placeOf(after.tree, foreign[0], kustomization.file), {
        what: `The commit of phase ${commit.phase} makes ${kustomization.name} apply ${named(foreign)}, which it does not write`,
        why: 'More would reach the cluster than the plan shows',
        mend: `Look at what ${kustomization.name} lists; a folder without kustomization.yaml takes every YAML below it`,
      }),
    );
  const shared = gains.filter(
    ({ file }) => file !== null && written.has(file) && after.readersOf(file).length > 1,
  );
  if (shared[0]) {
    const readers = after.readersOf(shared[0].file ?? '').map(({ name }) => name);
    if (readers[0] === kustomization.name)
      hazards.push(
        refuse('gains-unplanned', placeOf(after.tree, shared[0], kustomization.file), {
          what: `After the phase ${commit.phase}, ${readers.join(' and ')} would all apply ${named(shared)}`,
          why: 'They take it from each other, and each of them deletes it when it leaves there',
          mend: `Give the folder above a kustomization.yaml that lists only what ${readers[0]} is to apply, wait until that is Ready, and plan again`,
        }),
      );
  }
  return hazards;
}

function unknownHazards(commit: Commit, { unknown, kustomization }: CommitEffect, tree: Tree): Hazard[] {
  const written =
    kustomization.file === null
      ? null
      : placeIn(tree, kustomization.file, 'Kustomization', kustomization.name);
  // Another source that stays as it is has nothing to do with a commit to this one; it only stands among the effects.
  const told = unknown.filter(({ steady, foreign }) => !(steady && foreign));
  return told.map(({ what, where: place, mayBeFlux, failed, steady }) => {
    const where = place ?? written;
    if (failed)
      return refuse('build-fails', where, {
        what: `After the phase ${commit.phase}, ${what}`,
        why: 'The step would not reach the cluster, and what it deletes later can not be told',
        mend: `Mend what the message names; kubectl kustomize --load-restrictor LoadRestrictionsNone on the path of ${kustomization.name} shows it`,
      });
    const words = {
      what: steady ? what : `In the phase ${commit.phase}, ${what}`,
      why: steady
        ? 'The plan does not change it, so it stays as it is'
        : 'It may delete or add what the plan does not show',
      mend: steady
        ? 'Nothing to do'
        : `Compare by hand what ${kustomization.name} has in its inventory with what it will apply`,
    };
    return steady
      ? note('build-unknown', where, words)
      : mayBeFlux
        ? refuse('build-unknown', where, words)
        : warn('build-unknown', where, words);
  });
}

/** One note for each Kustomization, over all commits. */
export function statefulHazards(effects: CommitEffect[], tree: Tree, fluxVersion: string): Hazard[] {
  return [...groupedBy(effects, ({ kustomization }) => kustomization.key)].flatMap((group) => {
    const { kustomization } = group[0]!;
    const holders = new Map(
      group.flatMap(({ inventory }) =>
        inventory.filter(isStateful).map((object) => [object.key, object] as const),
      ),
    );
    if (holders.size === 0) return [];
    const list = [...holders.values()].map((object) => {
      const mark = protection(object, fluxVersion);
      return `${label(object)} (${mark === null ? 'not protected' : `protected by ${mark}`})`;
    });
    const [first] = holders.values();
    return [
      note('stateful-in-inventory', placeOf(tree, first!, kustomization.file), {
        what: `${kustomization.name}, whose files the plan changes, also applies ${list.join(', ')}`,
        why: 'The plan deletes none of them; a slip in the same folder would',
        mend: 'Annotate what must never go with kustomize.toolkit.fluxcd.io/prune: disabled',
      }),
    ];
  });
}

function groupedBy<Item>(items: Item[], key: (item: Item) => string): Iterable<Item[]> {
  return Map.groupBy(items, key).values();
}

/** Objects by kind and name; many are counted. */
function named(objects: BuiltObject[]): string {
  const shown = objects.slice(0, 12).map(label);
  const rest = objects.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function label({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** As the plan names objects; where one side leaves the namespace out, it is the same. */
function identity({ apiVersion, kind, name }: ObjectReference): string {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return `${group}/${kind}/${name}`;
}

function placeOf(tree: Tree, object: BuiltObject, fallback: string | null): Place | null {
  if (object.file !== null) return placeIn(tree, object.file, object.kind, object.name);
  return fallback === null ? null : { file: fallback, line: 1 };
}

function placeIn(tree: Tree, file: string, kind: string, name: string): Place {
  const manifests = manifestsOf(tree, file);
  const found =
    manifests.find((each) => each.kind === kind && each.name === name) ??
    manifests.find((each) => each.kind === kind);
  return found?.place() ?? { file, line: 1 };
}
