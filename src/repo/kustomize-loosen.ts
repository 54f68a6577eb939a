/** Lets patches miss their target: where a part of a build is not at hand, so are the objects that a patch means. */
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kustomizationFile } from './kustomize-folders.ts';
import { isRecord, list, text } from './manifests.ts';
import type { StagedBuild } from './kustomize-stage.ts';
import type { Tree } from './tree.ts';

/** Rewrites the kustomizations of `folders` in `staged`: patches get a target, replacements are taken out and named. */
export function loosened(tree: Tree, staged: StagedBuild, folders: Iterable<string>): void {
  for (const folder of folders) {
    const file = kustomizationFile(tree, folder) ?? posix.join(folder, 'kustomization.yaml');
    const [document] = parseAllDocuments(staged.files.get(file) ?? '', { merge: true });
    const value = document && document.errors.length === 0 ? (document.toJS() as unknown) : null;
    if (!isRecord(value)) continue;
    const patches = [
      ...list(value, 'patches'),
      ...list(value, 'patchesStrategicMerge').map((entry) =>
        typeof entry === 'string' && entry.includes('\n') ? { patch: entry } : { path: entry },
      ),
    ];
    if (patches.length > 0)
      value['patches'] = patches.flatMap((entry) =>
        isRecord(entry) && !isRecord(entry['target']) ? targeted(staged, folder, entry) : [entry],
      );
    delete value['patchesStrategicMerge'];
    if (list(value, 'replacements').length > 0) {
      delete value['replacements'];
      staged.unknown.push({ file, line: 1, what: 'replacements, which may take from what is not at hand' });
    }
    staged.files.set(file, JSON.stringify(value));
  }
}

/** A strategic merge patch names what it patches; as a target, it need not be there. */
function targeted(staged: StagedBuild, folder: string, entry: Record<string, unknown>): unknown[] {
  const content =
    typeof entry['patch'] === 'string'
      ? entry['patch']
      : (staged.files.get(posix.join(folder, text(entry, 'path'))) ?? '');
  const bodies = parseAllDocuments(content).map((document) => document.toJS() as unknown);
  if (!bodies.every(isRecord)) return [entry];
  return bodies.map((body) => ({
    patch: JSON.stringify(body),
    target: {
      group: text(body, 'apiVersion').includes('/') ? text(body, 'apiVersion').split('/')[0] : '',
      kind: text(body, 'kind'),
      name: text(body, 'metadata', 'name').replaceAll('.', '\\.'),
    },
  }));
}
