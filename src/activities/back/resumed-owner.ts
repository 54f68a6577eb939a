/** The legacy owner's file between the two steps of the way back: it reconciles again, but still may not prune. Pure. */
import { parseAllDocuments } from 'yaml';
import { type LiveObject, textField } from '../../cluster/objects.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import { setFields } from '../../repo/edit.ts';
import { changeOf } from '../planned.ts';

/** The legacy owner's file with everything as `orphan` left it, but no longer suspended. */
export function resumedOwner(plan: ClusterPlan): {
  path: string;
  before: string | null;
  after: string | null;
} {
  const file = plan.legacy.owner?.file ?? '';
  const orphaned = changeOf(plan, 'orphan').files.find(({ path }) => path === file);
  if (!orphaned?.after) throw new TypeError('the plan orphans no owner');
  const documents = parseAllDocuments(orphaned.after);
  const index = (Array.isArray(documents) ? documents : []).findIndex((document) => {
    const object = document.toJS() as LiveObject | null;
    return (
      object?.kind === 'Kustomization' && textField(object, 'metadata', 'name') === plan.legacy.owner?.name
    );
  });
  return {
    path: file,
    before: orphaned.after,
    after: setFields(orphaned.after, index, [{ path: ['spec', 'suspend'], value: false }]),
  };
}
