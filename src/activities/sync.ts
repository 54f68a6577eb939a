/** Compares the live spec.sync of a FluxInstance with the planned one. Pure. */
import { field, type LiveObject, textField } from '../cluster/objects.ts';
import type { PlannedSync } from '../plan/types.ts';

/** What is wrong with it, to be read after the instance's name; empty when it is as planned. */
export function syncFault(instance: LiveObject, planned: PlannedSync | null): string {
  const live = field(instance, 'spec', 'sync');
  if (!planned) return live === undefined ? '' : 'has spec.sync, and the plan has none';
  if (live === undefined) return 'has no spec.sync, and the plan has one';
  const plain = (path: string | undefined) => (path ?? '').replace(/^\.\//, '').replace(/\/$/, '');
  const wanted = {
    kind: planned.source.kind,
    url: planned.url,
    ref: planned.ref,
    pullSecret: planned.pullSecret ?? '',
    name: planned.root.name,
  };
  const found = {
    kind: textField(live, 'kind'),
    url: textField(live, 'url'),
    ref: textField(live, 'ref'),
    pullSecret: textField(live, 'pullSecret') ?? '',
    // Without a name, both are called like the namespace.
    name: textField(live, 'name') || (instance.metadata.namespace ?? ''),
  };
  const wrong = (Object.keys(wanted) as (keyof typeof wanted)[])
    .filter((key) => found[key] !== wanted[key])
    .map((key) => `${key}: ${found[key] || '(none)'} instead of ${wanted[key] || '(none)'}`);
  if (plain(textField(live, 'path')) !== plain(planned.path))
    wrong.push(`path: ${textField(live, 'path') ?? '(none)'} instead of ${planned.path}`);
  return wrong.length === 0 ? '' : `has a spec.sync with ${wrong.join(', ')}`;
}
