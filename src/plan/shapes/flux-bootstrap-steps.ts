/** The last step after `flux bootstrap`: what the operator has now leaves Git, and a guide says how a new cluster begins. */
import { posix } from 'node:path';
import { folderPath } from '../../repo/kustomize-build.ts';
import { list, type Manifest } from '../../repo/manifests.ts';
import { removeListEntry } from '../../repo/edit.ts';
import { removeListItems } from '../../repo/remove-items.ts';
import { isBelow } from '../../repo/snapshot.ts';
import { overlayTree, type Tree } from '../../repo/tree.ts';
import { allComponents, objectsOf, selects } from '../flux-objects.ts';
import { note, warn } from '../hazard.ts';
import { patchSelects } from '../patched-object.ts';
import { parsePatch, targetOf } from '../patch-body.ts';
import { removeFile, type Edits } from '../remove-file.ts';
import type { Hazard, PlannedSync } from '../types.ts';
import { patchesIn } from '../written-patches.ts';
import { gotkGuide } from './bootstrap-edits.ts';
import type { OwnSteps } from './commits.ts';
import type { RenderedInstall } from './rendered-install.ts';

interface Bootstrapped {
  install: RenderedInstall;
  /** The kustomization file that lists the controllers, or null where Flux makes the list. */
  list: Manifest | null;
  /** Root and source in Git. */
  objects: Manifest[];
  sync: PlannedSync | null;
  /** The cluster's. */
  folder: string;
}

export function fluxBootstrapSteps(bootstrapped: Bootstrapped): OwnSteps {
  return {
    orphan: null,
    retire: {
      message: 'chore(flux): remove the controllers of flux bootstrap, which Flux Operator has taken over',
      edits(tree, request, hazards) {
        const removed = removeInstall(tree, bootstrapped, hazards);
        const guide = gotkGuide(
          overlayTree(tree, removed),
          request,
          posix.dirname(bootstrapped.install.file),
        );
        hazards.push(...callers(tree, bootstrapped));
        return { ...removed, ...guide };
      },
      collects: [],
    },
  };
}

/** Takes the files out, and those patches that change nothing else; what else the list holds stays. */
function removeInstall(
  tree: Tree,
  { install, list: lister, objects, sync, folder }: Bootstrapped,
  hazards: Hazard[],
): Edits {
  const gone = objects.filter(() => sync !== null);
  const files = [install.file, ...new Set(gone.map(({ file }) => file))];
  const listed = lister
    ? list(lister.value, 'resources').filter(
        (entry) => !files.includes(folderPath(posix.join(posix.dirname(lister.file), String(entry)))),
      )
    : [];
  const edits: Edits = {};
  if (lister && listed.length > 0) {
    edits[lister.file] = trimmedList(tree, lister, files, gone);
    if (sync)
      hazards.push(
        warn('bootstrap-keeps', lister.place('resources'), {
          what: `${lister.file} also lists ${listed.map(String).join(', ')}: these stay, the patches for Flux go`,
          why: 'They may have been patched there',
          mend: 'Look at the diff of the phase retire',
        }),
      );
    for (const file of files) edits[file] = null;
    return edits;
  }
  for (const file of files) Object.assign(edits, removeFile(overlayTree(tree, edits), folder, file));
  return edits;
}

/** @throws EditRefused */
function trimmedList(tree: Tree, lister: Manifest, files: string[], gone: Manifest[]): string {
  let text = tree.read(lister.file) ?? '';
  for (const entry of list(lister.value, 'resources'))
    if (files.includes(folderPath(posix.join(posix.dirname(lister.file), String(entry)))))
      text = removeListEntry(text, lister.index, ['resources'], String(entry));
  const everything = objectsOf(allComponents, '', true);
  for (const key of ['patches', 'patchesStrategicMerge', 'patchesJson6902']) {
    const positions = patchesIn(tree, lister, key).flatMap(({ position, patches }) =>
      patches.every((patch) => {
        const body = parsePatch(patch.patch);
        const target = patch.target ?? (body ? targetOf(body) : null);
        return (
          (target !== null && everything.some((object) => selects({ ...target }, object))) ||
          gone.some((object) => patchSelects(patch, object))
        );
      })
        ? [position]
        : [],
    );
    text = removeListItems(text, lister.index, [key], positions);
  }
  return text;
}

/** Workflows and task files that would write the controllers into Git again. */
function callers(tree: Tree, { install }: Bootstrapped): Hazard[] {
  return tree
    .paths()
    .filter(
      (path) =>
        /(^|\/)(\.?[Tt]askfile[^/]*\.ya?ml|\.?[Jj]ustfile|Makefile|README\.md|[^/]+\.(sh|just|mk))$|^\.(taskfiles|github\/workflows)\//.test(
          path,
        ) && !isBelow(path, posix.dirname(install.file)),
    )
    .flatMap((path) => {
      const line = (tree.read(path) ?? '')
        .split('\n')
        .findIndex((content) => /\bflux (bootstrap|install)\b|gotk-components/.test(content));
      if (line < 0) return [];
      return [
        note(
          'bootstrap-caller',
          { file: path, line: line + 1 },
          {
            what: `${path} speaks of flux bootstrap, flux install or gotk-components`,
            why: 'Done again, it would put other controllers beside those of the operator',
            mend: `Follow the guide that the phase retire adds to ${posix.dirname(install.file)}; Flux is upgraded in the FluxInstance from then on`,
          },
        ),
      ];
    });
}
