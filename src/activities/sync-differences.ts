/** Judges what spec.sync would change on the source and the root Kustomization that it adopts. Pure. */
import { keyOf, nameOf } from '../cluster/objects.ts';
import type { ObjectReference, PlannedSync } from '../plan/types.ts';
import type { Difference } from './differences.ts';
import { failure, refusal } from './failure.ts';

/** The operator names the branch by its full ref; the same commits arrive. */
export function isForeseenOfSync(
  reference: ObjectReference,
  { path, before, after }: Difference,
  sync: PlannedSync | null,
): boolean {
  if (!sync || keyOf(reference) !== keyOf(sync.source)) return false;
  if (path === 'spec.ref.branch') return after === undefined && `refs/heads/${String(before)}` === sync.ref;
  return path === 'spec.ref.name' && before === undefined && after === sync.ref;
}

/** What a root may not lose: each of these has written ciphertext or deleted a cluster's contents when it was lost. */
const vital =
  /^spec\.(decryption|postBuild|path|sourceRef|prune|targetNamespace|components|patches|images)\b/;

/** @throws Refused */
export function assertRootKept(
  reference: ObjectReference,
  differences: Difference[],
  sync: PlannedSync | null,
): void {
  if (!sync || keyOf(reference) !== keyOf(sync.root)) return;
  const lost = differences.filter((difference) => vital.test(difference.path) && !samePath(difference));
  if (lost.length === 0) return;
  throw failure('Refused', [
    refusal(
      'sync-changes-root',
      `${nameOf(reference)} would change in ${lost.map(({ path }) => path).join(', ')}`,
      'without decryption or substitution it applies ciphertext and placeholders; with another path it deletes what the old one had',
      'the FluxInstance must patch these onto the generated Kustomization: plan again; if the plan is right, find out who changed the live root',
    ),
  ]);
}

function samePath({ path, before, after }: Difference): boolean {
  const plain = (value: unknown) => String(value).replace(/^\.\//, '').replace(/\/$/, '');
  return path === 'spec.path' && plain(before) === plain(after);
}
