/** Judges that every object of the baseline is still the same object. Pure. */
import { nameOf } from './objects.ts';
import type { ObjectRecord } from './record.ts';
import type { Snapshot } from './snapshot.ts';
import { type Expectation, type Verdict, verdict } from './verdict.ts';

export function identities(baseline: Snapshot, now: Snapshot, { gone, remade }: Expectation): Verdict {
  const faults: string[] = [];
  const removed: string[] = [];
  for (const [key, before] of Object.entries(baseline.objects)) {
    const current = now.objects[key];
    if (current && current.uid !== before.uid && !remade.has(key))
      faults.push(
        `${nameOf(before.reference)} was created anew (UID ${before.uid} before, ${current.uid} now)`,
      );
    if (current || gone.has(key)) continue;
    if (removedThroughGit(key, before, baseline, now)) removed.push(nameOf(before.reference));
    else faults.push(`${nameOf(before.reference)} is gone`);
  }
  const count = Object.keys(baseline.objects).length;
  return verdict(
    'same identities',
    faults,
    `${count} objects keep their UID${removed.length > 0 ? `; removed from Git by others since: ${removed.join(', ')}` : ''}`,
  );
}

/**
 * Whether somebody took the object out of Git meanwhile: its Kustomization lives on, is Ready at another revision and no longer
 * lists it. Never granted to what a handover must keep: CRDs, namespaces, volume claims, controllers.
 */
function removedThroughGit(key: string, before: ObjectRecord, baseline: Snapshot, now: Snapshot): boolean {
  const { kind, namespace } = before.reference;
  if (['CustomResourceDefinition', 'Namespace', 'PersistentVolumeClaim'].includes(kind)) return false;
  if (kind === 'Deployment' && namespace === baseline.namespace) return false;
  const owner = `Kustomization ${before.owner}`;
  const ownerKey = `Kustomization.kustomize.toolkit.fluxcd.io/${before.owner}`;
  const ownerNow = now.objects[ownerKey];
  if (
    !before.owner ||
    ownerNow?.health?.state !== 'ready' ||
    ownerNow.revision === baseline.objects[ownerKey]?.revision
  )
    return false;
  return !(now.inventories[owner] ?? [key]).includes(key);
}
