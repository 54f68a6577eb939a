/** Where the files of a new app go beside its neighbours: `app/ks.yaml` listed, `app.yaml` listed, or `app` with a list of its own. */
import { posix } from 'node:path';
import { folderPath, kustomizationFile } from '../repo/kustomize-build.ts';
import { list, manifestsOf, text, type Manifest } from '../repo/manifests.ts';
import type { Tree } from '../repo/tree.ts';
import { isFluxKustomization } from './scene.ts';

export interface AppLayout {
  /** File of the app's Flux Kustomization. */
  kustomization(app: string): string;
  /** Folder of what that Kustomization applies. */
  contents(app: string): string;
  /** What the list of apps names, without `./`; null where Flux makes the list from every file below. */
  entry(app: string): string | null;
  /** kustomization file that lists the Flux Kustomization alone; null where the list of apps does. */
  wrapper(app: string): string | null;
}

interface Neighbour {
  form: 'listed' | 'flat' | 'wrapped';
  /** Name of the file with the Kustomization; `*` stands for the app. */
  file: string;
  /** Folder of the contents below the app's own folder; null where they lie elsewhere. */
  contents: string | null;
  manifest: Manifest;
}

/** @param listFile the kustomization file that names the apps, or the one that would, were it there */
export function readLayout(tree: Tree, listFile: string): AppLayout {
  const folder = posix.dirname(listFile);
  const near = neighboursOf(tree, listFile);
  const generated = tree.read(listFile) === null;
  const form = generated ? 'wrapped' : (mostCommon(near.map((one) => one.form)) ?? 'listed');
  const like = near.filter((one) => one.form === form);
  const file = form === 'flat' ? '*.yaml' : (mostCommon(like.map((one) => one.file)) ?? 'ks.yaml');
  const below = mostCommon(like.flatMap((one) => one.contents ?? [])) ?? (form === 'flat' ? '' : 'app');
  const named = (app: string): string => file.replace('*', app);
  const own = (app: string): string => posix.join(folder, app);
  return {
    kustomization: (app) =>
      form === 'flat' ? posix.join(folder, named(app)) : posix.join(own(app), named(app)),
    // A Kustomization must not apply itself, so its contents never lie in its own folder.
    contents: (app) => posix.join(own(app), form === 'flat' ? below : below || 'app'),
    entry: (app) =>
      generated
        ? null
        : form === 'flat'
          ? named(app)
          : form === 'wrapped'
            ? app
            : posix.join(app, named(app)),
    wrapper: (app) => (form === 'wrapped' ? posix.join(own(app), 'kustomization.yaml') : null),
  };
}

/** The Flux Kustomizations that a list names, directly or through a folder with a list of its own. */
export function neighboursOf(tree: Tree, listFile: string): Neighbour[] {
  const folder = posix.dirname(listFile);
  return list(manifestsOf(tree, listFile)[0]?.value, 'resources').flatMap((entry): Neighbour[] => {
    if (typeof entry !== 'string') return [];
    const path = folderPath(posix.join(folder, entry));
    const inFolder = kustomizationFile(tree, path);
    if (inFolder)
      return list(manifestsOf(tree, inFolder)[0]?.value, 'resources').flatMap((inner) =>
        typeof inner === 'string' ? described(tree, 'wrapped', path, posix.join(path, inner)) : [],
      );
    const inSameFolder = posix.dirname(path) === folder;
    return described(
      tree,
      inSameFolder ? 'flat' : 'listed',
      inSameFolder ? path.replace(/\.ya?ml$/, '') : posix.dirname(path),
      path,
    );
  });
}

function described(tree: Tree, form: Neighbour['form'], appFolder: string, file: string): Neighbour[] {
  const manifest = manifestsOf(tree, file).find(isFluxKustomization);
  if (!manifest) return [];
  const target = folderPath(text(manifest.value, 'spec', 'path'));
  const contents =
    target === appFolder
      ? ''
      : target.startsWith(`${appFolder}/`)
        ? target.slice(appFolder.length + 1)
        : null;
  const base = posix.basename(file);
  const app = posix.basename(appFolder);
  // An app that keeps several things in folders of its own is no model for one that has one.
  const simple = contents === null || !contents.includes('/') ? contents : null;
  return [{ form, file: base === `${app}.yaml` ? '*.yaml' : base, contents: simple, manifest }];
}

function mostCommon<T extends string>(values: T[]): T | undefined {
  const count = (value: T): number => values.filter((other) => other === value).length;
  return values.toSorted((left, right) => count(right) - count(left))[0];
}
