/** Judges that what was Ready is Ready at the current revision, and what was suspended still is. Pure. */
import { nameOf } from './objects.ts';
import type { Snapshot } from './snapshot.ts';
import { type Expectation, type Verdict, verdict } from './verdict.ts';

export function readiness(baseline: Snapshot, now: Snapshot, { gone, ours }: Expectation): Verdict {
  const faults: string[] = [];
  let well = 0;
  for (const [key, current] of Object.entries(now.objects)) {
    const before = baseline.objects[key];
    if (!current.health || current.suspended || ours.has(key) || gone.has(key)) continue;
    // What was not well before need not be well now; of what is new, only Flux's own namespace is our concern.
    if (
      before
        ? before.health?.state !== 'ready' && before.health?.state !== 'static'
        : current.reference.namespace !== now.namespace
    )
      continue;
    const { state, message } = current.health;
    if (state !== 'ready' && state !== 'static')
      faults.push(`${nameOf(current.reference)} is not Ready: ${message}`);
    else if (current.wantedRevision && current.revision !== current.wantedRevision)
      faults.push(
        `${nameOf(current.reference)} is at ${current.revision}, its source at ${current.wantedRevision}`,
      );
    else well += 1;
  }
  return verdict('ready at the current revision', faults, `${well} objects are Ready`);
}

export function suspensions(baseline: Snapshot, now: Snapshot, { ours, gone }: Expectation): Verdict {
  const faults: string[] = [];
  for (const [key, before] of Object.entries(baseline.objects)) {
    const current = now.objects[key];
    if (!current || ours.has(key) || gone.has(key) || before.suspended === current.suspended) continue;
    faults.push(
      before.suspended
        ? `${nameOf(before.reference)} was suspended and is not any more`
        : `${nameOf(before.reference)} is suspended and was not`,
    );
  }
  return verdict(
    'suspensions as before',
    faults,
    `${Object.values(now.objects).filter(({ suspended }) => suspended).length} objects are suspended`,
  );
}
