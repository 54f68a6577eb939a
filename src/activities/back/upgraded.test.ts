import { expect, test } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { assertNotUpgraded, upgradedTo } from './upgraded.ts';

const target = { distributionVersion: '2.9.2' };
const instance = (status: Record<string, string>): LiveObject => ({
  apiVersion: 'fluxcd.controlplane.io/v1',
  kind: 'FluxInstance',
  metadata: { name: 'flux', namespace: 'flux-system', uid: 'a', resourceVersion: '1' },
  status,
});

test('the planned version is no upgrade, and neither is one that has not begun', () => {
  expect(upgradedTo(instance({ lastAppliedRevision: 'v2.9.2@sha256:ab' }), target)).toBeNull();
  expect(upgradedTo(instance({ lastAttemptedRevision: 'v2.9.2@sha256:ab' }), target)).toBeNull();
  expect(upgradedTo(instance({}), target)).toBeNull();
  const range = { distributionVersion: '2.9.x' };
  expect(upgradedTo(instance({ lastAppliedRevision: 'v2.9.2@sha256:ab' }), range)).toBeNull();
});

test('an upgrade counts from its first attempt, and is asked about', () => {
  const upgrading = instance({
    lastAppliedRevision: 'v2.9.2@sha256:ab',
    lastAttemptedRevision: 'v2.10.0@sha256:cd',
  });
  expect(upgradedTo(upgrading, target)).toBe('2.10.0');
  expect(() => assertNotUpgraded(upgrading, target)).toThrow('has brought Flux to 2.10.0 since');
});
