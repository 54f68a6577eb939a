/** The steps of the self-managed shape that no other has: orphaning the owner at first, removing it and its source at last. */
import { setFields } from '../../repo/edit.ts';
import type { Manifest } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { removeObjects, type Edits } from '../remove-file.ts';
import type { ObjectReference } from '../types.ts';
import { bootstrapEdits } from './bootstrap-edits.ts';
import type { OwnSteps } from './commits.ts';
import type { Owner } from './owner.ts';

/** @param folder of the cluster */
export function selfManagedSteps(owner: Owner, folder: string): OwnSteps {
  return {
    orphan: {
      message: `chore(flux): orphan and suspend the Kustomization ${owner.kustomization.name}`,
      edits: (tree) => orphanEdits(tree, owner.kustomization.manifest),
    },
    retire: {
      message: 'chore(flux): remove the legacy install, bootstrap Flux Operator',
      edits: (tree, request, hazards) => ({
        ...removeObjects(tree, folder, [
          owner.kustomization.manifest,
          ...(owner.install ? [] : [owner.source]),
        ]),
        ...bootstrapEdits(tree, request, hazards),
      }),
      collects: collected(owner),
    },
  };
}

function orphanEdits(tree: Tree, { file, index }: Manifest): Edits {
  const edited = setFields(tree.read(file) ?? '', index, [
    { path: ['spec', 'prune'], value: false },
    { path: ['spec', 'deletionPolicy'], value: 'Orphan', after: 'prune' },
    { path: ['spec', 'suspend'], value: true, after: 'deletionPolicy' },
  ]);
  return { [file]: edited };
}

function collected({ kustomization, source, install }: Owner): ObjectReference[] {
  return [
    {
      apiVersion: kustomization.manifest.apiVersion,
      kind: 'Kustomization',
      namespace: kustomization.namespace,
      name: kustomization.name,
    },
    ...(install
      ? []
      : [
          {
            apiVersion: source.apiVersion,
            kind: source.kind,
            namespace: kustomization.source.namespace,
            name: source.name,
          },
        ]),
  ];
}
