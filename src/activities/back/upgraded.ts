/** Whether Flux was upgraded through the FluxInstance since: then the legacy install of before is no way back. */
import { type LiveObject, nameOf, referenceOf, textField } from '../../cluster/objects.ts';
import type { PlannedTarget } from '../../plan/types.ts';
import { failure, refusal } from '../failure.ts';

/**
 * The version that is applied, or was begun to be, where it is not the planned one; null where it is. Pure. Revisions look like
 * `v2.9.2@sha256:…`.
 */
export function upgradedTo(
  instance: LiveObject,
  { distributionVersion }: Pick<PlannedTarget, 'distributionVersion'>,
): string | null {
  // A range says nothing about what is applied.
  if (!/^v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(distributionVersion)) return null;
  const plain = (revision: string): string => revision.replace(/^v/, '').split('@')[0] ?? '';
  const found = ['lastAttemptedRevision', 'lastAppliedRevision']
    .map((field) => plain(textField(instance, 'status', field) ?? ''))
    .filter((version) => version !== '' && version !== plain(distributionVersion));
  return found[0] ?? null;
}

/** Before anything is disabled: Flux Operator must still be able to mend it. @throws Refused */
export function assertNotUpgraded(
  instance: LiveObject,
  target: Pick<PlannedTarget, 'distributionVersion'>,
): void {
  const version = upgradedTo(instance, target);
  if (version === null) return;
  const { distributionVersion } = target;
  throw failure('Refused', [
    refusal(
      'flux-upgraded',
      `${nameOf(referenceOf(instance))} has brought Flux to ${version} since, and the way back leads to ${distributionVersion}`,
      'objects that a newer Flux stored in a newer version of its API may not be read by the older definitions',
      `set spec.distribution.version back to ${distributionVersion} in Git and wait until the FluxInstance is Ready, then retry; where Flux Operator refuses that, abandon, and stay with it`,
    ),
  ]);
}
