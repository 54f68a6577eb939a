/** Finds where the new apps go: the folder of Flux's own apps, the file that lists them, and who applies it. */
import { posix } from 'node:path';
import { kustomizationFile } from '../repo/kustomize-build.ts';
import { isBelow } from '../repo/snapshot.ts';
import { refuse } from './hazard.ts';
import { chainOf, type FluxKustomization, type Scene } from './scene.ts';
import type { Hazard } from './types.ts';

export interface Placement {
  appsFolder: string;
  /** Null where there is none (then it is refused). */
  listFile: string | null;
  /** Kustomizations that bring the list, nearest first. */
  appsChain: FluxKustomization[];
  hazards: Hazard[];
}

export function placeApps(scene: Scene, sourceName: string): Placement {
  const appsFolder = posix.join(scene.folder, scene.config.install.appsFolder);
  const listFile = kustomizationFile(scene.tree, appsFolder);
  const appsChain = listFile ? chainOf(scene, listFile) : [];
  const hazards = takenNames(scene, appsFolder);
  if (!listFile)
    hazards.push(
      refuse('list-not-found', null, {
        what: `${appsFolder} has no kustomization.yaml`,
        why: "The new apps must be listed there; where Flux generates the list, an app's own files would be applied twice",
        mend: 'Create one that lists the apps, or set install.appsFolder to a folder that has one',
      }),
    );
  else if (!appsChain[0])
    hazards.push(
      refuse(
        'apps-not-applied',
        { file: listFile, line: 1 },
        {
          what: `No Kustomization of ${sourceName} applies ${listFile}`,
          why: 'The operator would never reach the cluster',
          mend: "Set install.appsFolder to a folder that the cluster's Kustomizations apply",
        },
      ),
    );
  return { appsFolder, listFile, appsChain, hazards };
}

function takenNames(scene: Scene, appsFolder: string): Hazard[] {
  return ['flux-operator', 'flux-instance'].flatMap((app) => {
    const taken = scene.tree.paths().find((path) => isBelow(path, posix.join(appsFolder, app)));
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
