/** What the Kustomizations above an object write into it: root Kustomizations often patch fields into all their children. */
import { posix } from 'node:path';
import { isRecord, list, manifestsOf, text } from '../repo/manifests.ts';
import { reachOf } from '../repo/kustomize-build.ts';
import type { Tree } from '../repo/tree.ts';
import { parsePatch } from './patch-body.ts';
import { patchesOf, type FluxKustomization } from './scene.ts';
import type { Place } from './types.ts';

/** Fields that a patch writes into a child Kustomization, by their path below spec. */
export interface ParentEffect {
  path: string;
  value: unknown;
  where: Place;
}

/**
 * @param child name of the Kustomization that the parent applies
 * @param file where the child stands, or the kustomization file that lists it
 * @param grandparent what applies the parent and may patch further patches into it
 */
export function effectsOn(
  tree: Tree,
  parent: FluxKustomization,
  child: string,
  file: string,
  grandparent?: FluxKustomization,
): ParentEffect[] {
  const inherited = grandparent
    ? effectsOn(tree, grandparent, parent.name, parent.manifest.file).filter(({ path }) => path === 'patches')
    : [];
  const own = [
    ...patchesOf(parent.spec).map((patch, index) => ({
      ...patch,
      where: parent.manifest.place('spec', 'patches', index),
    })),
    ...inherited.flatMap(({ value, where }) =>
      patchesOf({ patches: value }).map((patch) => ({ ...patch, where })),
    ),
  ];
  const reach = reachOf(tree, parent.folder);
  const near = reach.kustomizations.filter(
    (listFile) =>
      posix.dirname(file).startsWith(posix.dirname(listFile)) ||
      manifestsOf(tree, listFile)[0]?.kind === 'Component',
  );
  const inLists = near.flatMap((listFile) =>
    manifestsOf(tree, listFile).flatMap((manifest) =>
      [
        ...list(manifest.value, 'patches'),
        ...list(manifest.value, 'patchesJson6902'),
        ...list(manifest.value, 'patchesStrategicMerge'),
      ].flatMap((entry, index) => {
        const patchFile = isRecord(entry) ? text(entry, 'path') : typeof entry === 'string' ? entry : '';
        const patch =
          isRecord(entry) && typeof entry['patch'] === 'string'
            ? entry['patch']
            : (tree.read(posix.join(posix.dirname(listFile), patchFile)) ?? '');
        return [
          {
            patch,
            target: isRecord(entry) && isRecord(entry['target']) ? entry['target'] : null,
            where: manifest.place('patches', index),
          },
        ];
      }),
    ),
  );
  return [...own, ...inLists].flatMap(({ patch, target, where }) => {
    const body = parsePatch(patch);
    if (!body || !appliesTo(body, target, child)) return [];
    return Array.isArray(body)
      ? body.map((operation) => ({
          path: text(operation, 'path').replace(/^\/spec\//, ''),
          value: isRecord(operation) ? operation['value'] : undefined,
          where,
        }))
      : flatten(body['spec']).map(([path, value]) => ({ path, value, where }));
  });
}

function appliesTo(
  body: unknown[] | Record<string, unknown>,
  target: Record<string, unknown> | null,
  child: string,
): boolean {
  const pattern = target
    ? target
    : Array.isArray(body)
      ? null
      : {
          kind: text(body, 'kind'),
          name: text(body, 'metadata', 'name'),
          group: text(body, 'apiVersion').split('/')[0],
        };
  if (!pattern) return false;
  const matches = (expression: unknown, value: string): boolean => {
    if (typeof expression !== 'string' || expression === '') return true;
    try {
      return new RegExp(`^(?:${expression})$`).test(value);
    } catch {
      return true;
    }
  };
  // Label selectors are taken to match: a warning too many is better than one too few.
  return (
    matches(pattern['kind'], 'Kustomization') &&
    matches(pattern['group'], 'kustomize.toolkit.fluxcd.io') &&
    matches(pattern['name'], child)
  );
}

function flatten(value: unknown, prefix = ''): [string, unknown][] {
  if (!isRecord(value)) return prefix ? [[prefix, value]] : [];
  return Object.entries(value).flatMap(([key, below]) =>
    isRecord(below) ? flatten(below, `${prefix}${key}/`) : [[`${prefix}${key}`, below] as [string, unknown]],
  );
}
