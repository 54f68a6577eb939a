/** A repository's files at one commit, as plain data that planning can read without I/O of its own. */

/** Paths are relative to the repository's root, with `/`. `read` gives null where there is no (text) file. */
export interface Tree {
  commit: string;
  paths(): string[];
  read(path: string): string | null;
  /** What a listed path is that has no text of its own; null for a file. Absent: there are only files. */
  oddity?(path: string): Oddity | null;
  /** The tree that most of its texts come from: what was read there need not be read again. */
  origin?: Tree;
}

export type Oddity = 'symlink' | 'submodule';

/** A tree from memory, for tests and for what-if questions. */
export function memoryTree(
  files: Record<string, string>,
  commit = '0'.repeat(40),
  oddities: Record<string, Oddity> = {},
): Tree {
  const paths = [...Object.keys(files), ...Object.keys(oddities)].sort();
  return {
    commit,
    paths: () => paths,
    read: (path) => (Object.hasOwn(files, path) ? (files[path] ?? null) : null),
    oddity: (path) => (Object.hasOwn(oddities, path) ? (oddities[path] ?? null) : null),
  };
}

/** The tree with some files replaced; null means that the file is absent. */
export function overlayTree(tree: Tree, files: Record<string, string | null>): Tree {
  const replaced = new Map(Object.entries(files));
  let paths: string[] | undefined;
  return {
    commit: tree.commit,
    origin: tree,
    paths() {
      if (paths) return paths;
      const kept = tree.paths().filter((path) => replaced.get(path) !== null);
      const added = [...replaced].filter(([, content]) => content !== null).map(([path]) => path);
      return (paths = [...new Set([...kept, ...added])].sort());
    },
    read(path) {
      const content = replaced.get(path);
      return content === undefined ? tree.read(path) : content;
    },
    oddity: (path) => (replaced.has(path) ? null : (tree.oddity?.(path) ?? null)),
  };
}
