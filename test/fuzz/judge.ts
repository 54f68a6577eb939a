/** What must hold of the plan of any repository: it is refused for a stated reason, or changes only what it has to. */
import { isDeepStrictEqual } from 'node:util';
import type { ClusterPlan, FileChange } from '../../src/plan/types.ts';
import { manifestsOf, problemsOf } from '../../src/repo/manifests.ts';
import { memoryTree, type Tree } from '../../src/repo/tree.ts';

/** What is wrong with a plan; [] where it holds. `clean` is the plan of the repository before it was mutated; `moved`: files changed places. */
export function faultsOf(plan: ClusterPlan, clean: ClusterPlan, tree: Tree, moved: boolean): string[] {
  const refused = plan.hazards.filter(({ severity }) => severity === 'refuse');
  return [
    ...plan.hazards.flatMap(({ id, what, why, mend, where }) => [
      ...(what && why && mend ? [] : [`hazard ${id} is not explained`]),
      ...(where === null || tree.paths().includes(where.file)
        ? []
        : [`hazard ${id} is at ${where.file}, which is not there`]),
      ...(where === null || where.line >= 1 ? [] : [`hazard ${id} is at line ${where.line}`]),
    ]),
    ...unnamed(plan, clean, tree, moved),
    ...(refused.length > 0 ? [] : changeFaults(plan, clean)),
  ];
}

/** Files that the clean plan stands on must not be passed over when they can not be read. */
function unnamed(plan: ClusterPlan, clean: ClusterPlan, tree: Tree, moved: boolean): string[] {
  const places = [
    clean.legacy.owner?.file,
    clean.source?.where.file,
    ...clean.roots.map(({ file }) => file),
    ...clean.changes.flatMap(({ files }) =>
      files.flatMap(({ path, before }) => (before === null ? [] : [path])),
    ),
  ];
  const unread = [...new Set(places)].filter(
    (file) => file !== undefined && tree.paths().includes(file) && problemsOf(tree, file).length > 0,
  );
  const refused = plan.hazards.filter(({ severity }) => severity === 'refuse');
  if (unread.length === 0) return [];
  if (refused.length === 0) return [`${unread.join(', ')} can not be read, and nothing is refused`];
  // What a file of that name is for is not known once contents were moved about.
  if (moved) return [];
  // A link may be gone from the lists that named it: then another refusal says what is missing.
  const texts = unread.filter((file) => !tree.oddity?.(file ?? ''));
  const named = refused.map(({ where, what }) => `${where?.file} ${what}`);
  return texts.length > 0 && !texts.some((file) => named.some((words) => words.includes(file ?? '')))
    ? [`no refusal names ${texts.join(', ')}, which can not be read`]
    : [];
}

/** Folders in which the clean plan works; a mutated one must work nowhere else. */
function changeFaults(plan: ClusterPlan, clean: ClusterPlan): string[] {
  const known = new Set(clean.changes.flatMap(({ files }) => files.map(({ path }) => path)));
  const folders = new Set([...known].map((path) => path.replace(/[^/]+$/, '')));
  const own = [plan.legacy.owner?.file, plan.legacy.ownerSource?.where.file, plan.source?.where.file];
  return plan.changes.flatMap(({ phase, files }) =>
    files.flatMap((file) => {
      const { path, action } = file;
      const folder = path.replace(/[^/]+$/, '');
      // What leaves is taken out of the list that names it, wherever it was moved.
      const isList = action === 'modify' && /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path);
      const isExpected =
        folders.has(folder) ||
        (phase === 'retire' && isList) ||
        own.includes(path) ||
        /\/flux-(operator|instance)\//.test(path);
      return [
        ...(isExpected ? [] : [`${phase}: ${action} ${path}, which the clean plan does not touch`]),
        ...(action === 'modify' && (phase !== 'retire' || (isList && !/bootstrap/.test(path)))
          ? editFaults(phase, file)
          : []),
      ];
    }),
  );
}

/** An edit of a file that is there leaves all lines but a few, and all objects but one, as they are. */
function editFaults(phase: string, { path, before, after }: FileChange): string[] {
  if (before === null || after === null) return [];
  // The instance's own file is ours.
  if (/\/flux-(operator|instance)\//.test(path)) return [];
  const left = new Map<string, number>();
  for (const line of before.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of after.split('\n')) {
    const count = left.get(line) ?? 0;
    if (count === 0) added += 1;
    else left.set(line, count - 1);
  }
  const removed = [...left.values()].reduce((sum, count) => sum + count, 0);
  const values = (text: string): unknown[] =>
    manifestsOf(memoryTree({ [path]: text }), path).map(({ value }) => value);
  const [old, now] = [values(before), values(after)];
  const differing = old.filter((value, index) => !isDeepStrictEqual(value, now[index])).length;
  return [
    ...(removed <= 3 && added <= 6 ? [] : [`${phase}: ${path} loses ${removed} lines and gains ${added}`]),
    ...(old.length === now.length && differing <= 1
      ? []
      : [`${phase}: ${path} had ${old.length} objects, has ${now.length}, and ${differing} differ`]),
  ];
}
