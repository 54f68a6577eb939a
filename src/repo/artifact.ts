/** A tree as the cluster gets to see it: what source-controller puts into the artifact of a GitRepository. */
import { posix } from 'node:path';
import { field, type Manifest } from './manifests.ts';
import { ignoredBy, type Ignored } from './source-ignore.ts';
import type { Tree } from './tree.ts';

/**
 * Without symbolic links and submodules (source-controller's storage.Archive takes regular files only), without what is
 * ignored. Submodules of a source with `recurseSubmodules` and what `include` copies in are not in this repository either.
 */
export function artifactOf(tree: Tree, source: Manifest | null): Tree {
  const ignored = ignoredIn(tree, source);
  const paths = tree.paths().filter((path) => !tree.oddity?.(path) && ignored(path) === null);
  const present = new Set(paths);
  return {
    commit: tree.commit,
    origin: tree,
    paths: () => paths,
    read: (path) => (present.has(path) ? tree.read(path) : null),
  };
}

/** What a source leaves out by pattern, also of files that are not there yet. */
export function ignoredIn(tree: Tree, source: Manifest | null): Ignored {
  const ignore = field(source?.value, 'spec', 'ignore');
  const ignoreFiles = new Map(
    tree
      .paths()
      .filter((path) => posix.basename(path) === '.sourceignore')
      .map((path) => [path === '.sourceignore' ? '' : posix.dirname(path), tree.read(path) ?? '']),
  );
  return ignoredBy(ignoreFiles, typeof ignore === 'string' ? ignore : null);
}
