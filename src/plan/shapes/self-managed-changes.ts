/** The five commits of the self-managed shape, each planned on the tree that the one before leaves behind. */
import { posix } from 'node:path';
import { removeDocuments, setFields } from '../../repo/edit.ts';
import { manifestsOf, type Manifest } from '../../repo/manifests.ts';
import { overlayTree, type Tree } from '../../repo/tree.ts';
import { fileChange } from '../file-change.ts';
import { addToList, removeFile, type Edits } from '../remove-file.ts';
import type { Change, Hazard, ObjectReference } from '../types.ts';
import { instanceContent, instanceEdits, operatorEdits, type ChangeRequest } from './app-edits.ts';
import { bootstrapEdits } from './bootstrap-edits.ts';

/** @throws EditRefused */
export function selfManagedChanges(request: ChangeRequest, hazards: Hazard[]): Change[] {
  const { owner } = request;
  const instanceFolder = posix.join(request.appsFolder, 'flux-instance');
  const changes: Change[] = [];
  let tree = request.scene.tree;
  const commit = (
    phase: Change['phase'],
    message: string,
    edits: Edits,
    collects: ObjectReference[] = [],
  ): void => {
    const files = Object.entries(edits).flatMap(([path, after]) => fileChange(tree, path, after) ?? []);
    changes.push({
      phase,
      message,
      files: files.toSorted((left, right) => (left.path < right.path ? -1 : 1)),
      collects,
    });
    tree = overlayTree(tree, edits);
  };

  commit(
    'orphan',
    `chore(flux): orphan and suspend the Kustomization ${owner.kustomization.name}`,
    orphanEdits(tree, owner.kustomization.manifest),
  );
  commit('operator', 'feat(flux-operator): install Flux Operator', {
    ...operatorEdits(request),
    [request.listFile]: addToList(tree, request.listFile, 'flux-operator', request.style.dotSlash),
  });
  commit('stage', 'feat(flux-instance): add the FluxInstance, not yet reconciling', {
    ...instanceEdits(request, instanceFolder),
    [request.listFile]: addToList(tree, request.listFile, 'flux-instance', request.style.dotSlash),
  });
  commit(
    'adopt',
    'feat(flux-instance): let Flux Operator take over the controllers',
    instanceContent(request, instanceFolder, false),
  );
  commit(
    'retire',
    `chore(flux): remove the legacy install, bootstrap Flux Operator`,
    { ...retireEdits(tree, request), ...bootstrapEdits(tree, request, hazards) },
    collected(request),
  );
  return changes;
}

function orphanEdits(tree: Tree, { file, index }: Manifest): Edits {
  const edited = setFields(tree.read(file) ?? '', index, [
    { path: ['spec', 'prune'], value: false },
    { path: ['spec', 'deletionPolicy'], value: 'Orphan', after: 'prune' },
    { path: ['spec', 'suspend'], value: true, after: 'deletionPolicy' },
  ]);
  return { [file]: edited };
}

/** Removes the owner and its source: whole files where nothing else is in them, else only their documents. */
function retireEdits(tree: Tree, { owner, scene }: ChangeRequest): Edits {
  const doomed = [owner.kustomization.manifest, owner.source];
  const edits: Edits = {};
  for (const file of new Set(doomed.map((manifest) => manifest.file))) {
    const current = overlayTree(tree, edits);
    const inFile = doomed.filter((manifest) => manifest.file === file).map(({ index }) => index);
    const others = manifestsOf(current, file).length - inFile.length;
    Object.assign(
      edits,
      others > 0
        ? { [file]: removeDocuments(current.read(file) ?? '', inFile) }
        : removeFile(current, scene.folder, file),
    );
  }
  return edits;
}

function collected({ owner, legacy }: ChangeRequest): ObjectReference[] {
  const { kustomization, source } = owner;
  return [
    {
      apiVersion: kustomization.manifest.apiVersion,
      kind: 'Kustomization',
      namespace: kustomization.namespace,
      name: kustomization.name,
    },
    {
      apiVersion: source.apiVersion,
      kind: source.kind,
      namespace: legacy.ownerSource?.namespace ?? kustomization.namespace,
      name: source.name,
    },
  ];
}
