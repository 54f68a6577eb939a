import { expect, test } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { hasEnded } from './managed-objects.ts';

/** @param conditions status by type */
function instance(conditions: Record<string, string>): LiveObject {
  return {
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    metadata: { name: 'flux', namespace: 'flux-system', uid: 'a', resourceVersion: '1' },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  };
}

test('an instance that says that it does nothing is at rest at once', () => {
  expect(hasEnded(instance({ Ready: 'True' }), 0)).toBe(true);
  expect(hasEnded(instance({ Ready: 'False', Stalled: 'True' }), 0)).toBe(true);
});

test('one that was disabled while it waited for health never says so: it has ended once it stands still', () => {
  const canceled = instance({ Ready: 'False', Reconciling: 'True' });
  expect(hasEnded(canceled, 0)).toBe(false);
  expect(hasEnded(canceled, 2_000)).toBe(true);
});

test('one that is applying is given more time; then its operator was cut off', () => {
  const applying = instance({ Ready: 'Unknown', Reconciling: 'True' });
  expect(hasEnded(applying, 10_000)).toBe(false);
  expect(hasEnded(applying, 20_000)).toBe(true);
});
