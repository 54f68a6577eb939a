/** File changes with their unified diff. */
import { createTwoFilesPatch } from 'diff';
import type { Tree } from '../repo/tree.ts';
import type { FileChange } from './types.ts';

/** Compares the content in `tree` with `after`; null for no difference. */
export function fileChange(tree: Tree, path: string, after: string | null): FileChange | null {
  const before = tree.read(path);
  if (before === after) return null;
  const action = before === null ? 'add' : after === null ? 'delete' : 'modify';
  const [from, to] = [
    before === null ? '/dev/null' : `a/${path}`,
    after === null ? '/dev/null' : `b/${path}`,
  ];
  const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
  });
  // The library's first line is a ruler of `=`, which git does not print.
  return { path, action, before, after, diff: patch.replace(/^=+\n/, '') };
}
