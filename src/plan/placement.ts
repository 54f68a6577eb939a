/** Finds where the new apps go: the folder of Flux's own apps, the file that lists them, and who applies it. */
import { posix } from 'node:path';
import { kustomizationFile } from '../repo/kustomize-build.ts';
import { list, manifestsOf } from '../repo/manifests.ts';
import { isBelow } from '../repo/snapshot.ts';
import { refuse } from './hazard.ts';
import { neighboursOf } from './layout.ts';
import { chainOf, type FluxKustomization, type Scene } from './scene.ts';
import type { Hazard } from './types.ts';

export interface Placement {
  appsFolder: string;
  /** Null where Flux makes the list itself from every file below, or where nothing applies the folder (then it is refused). */
  listFile: string | null;
  /** Kustomizations that bring the new apps, nearest first; empty where it is refused. */
  appsChain: FluxKustomization[];
  hazards: Hazard[];
}

/** @param root the outermost Kustomization, whose own folder is the last choice */
export function placeApps(scene: Scene, sourceName: string, root: FluxKustomization | undefined): Placement {
  const appsFolder = chooseFolder(scene, root);
  const listFile = kustomizationFile(scene.tree, appsFolder);
  const appsChain = listFile ? chainOf(scene, listFile) : generatorsOf(scene, appsFolder);
  const hazards = takenNames(scene, appsFolder);
  if (!appsChain[0])
    hazards.push(
      listFile
        ? refuse(
            'apps-not-applied',
            { file: listFile, line: 1 },
            {
              what: `No Kustomization of ${sourceName} applies ${listFile}`,
              why: 'The operator would never reach the cluster',
              mend: "Set install.appsFolder to a folder that the cluster's Kustomizations apply",
            },
          )
        : refuse('list-not-found', null, {
            what: `${appsFolder} has no kustomization.yaml, and no Kustomization of ${sourceName} takes every file below it`,
            why: 'The operator would never reach the cluster',
            mend: 'Create one that lists the apps, or set install.appsFolder to a folder that has one',
          }),
    );
  return { appsFolder, listFile, appsChain, hazards };
}

/** As configured; else `apps/flux-system`; else a folder of that name which lists Flux Kustomizations; else the root's own. */
function chooseFolder(scene: Scene, root: FluxKustomization | undefined): string {
  const { tree, folder, config, cluster } = scene;
  if (config.install.appsFolder !== undefined) return posix.join(folder, config.install.appsFolder);
  const usual = posix.join(folder, 'apps/flux-system');
  if (kustomizationFile(tree, usual)) return usual;
  const named = tree
    .paths()
    .filter(
      (path) =>
        isBelow(path, folder) &&
        posix.basename(posix.dirname(path)) === cluster.namespace &&
        kustomizationFile(tree, posix.dirname(path)) === path,
    )
    .filter((path) => neighboursOf(tree, path).length > 0 && !listsControllers(scene, path))
    .toSorted((left, right) => left.split('/').length - right.split('/').length);
  const applied = named.find((path) => chainOf(scene, path).length > 0);
  return applied ? posix.dirname(applied) : root && isBelow(root.folder, folder) ? root.folder : usual;
}

/** The folder of `flux bootstrap` is rewritten by every later `flux bootstrap`, and is removed at the end. */
function listsControllers(scene: Scene, file: string): boolean {
  return list(manifestsOf(scene.tree, file)[0]?.value, 'resources').some((entry) =>
    /(^|\/)gotk-|fluxcd\/flux2/.test(String(entry)),
  );
}

/** Kustomizations that take every YAML below their folder, this one included: no kustomization file lies on the way down. */
function generatorsOf(scene: Scene, folder: string): FluxKustomization[] {
  const generator = scene.onSource.find((candidate) => {
    if (!isBelow(folder, candidate.folder)) return false;
    for (let at = folder; ; at = posix.dirname(at) === '.' ? '' : posix.dirname(at)) {
      if (kustomizationFile(scene.tree, at)) return false;
      if (at === candidate.folder) return true;
    }
  });
  if (!generator) return [];
  const above = chainOf(scene, generator.manifest.file).filter((candidate) => candidate !== generator);
  return [generator, ...above];
}

function takenNames(scene: Scene, appsFolder: string): Hazard[] {
  return ['flux-operator', 'flux-instance'].flatMap((app) => {
    const taken = scene.tree
      .paths()
      .find(
        (path) =>
          isBelow(path, posix.join(appsFolder, app)) || path === posix.join(appsFolder, `${app}.yaml`),
      );
    const named = scene.kustomizations.find((candidate) => candidate.name === app);
    const where = taken ? { file: taken, line: 1 } : named?.manifest.place();
    if (!where) return [];
    return [
      refuse('name-taken', where, {
        what: `There is already something called ${app}`,
        why: 'The plan would overwrite it',
        mend: 'Remove what is left of an earlier attempt, wait until the cluster is Ready, and plan again',
      }),
    ];
  });
}
