import { expect, test } from 'vitest';
import type { LiveObject } from '../cluster/objects.ts';
import { judgeInstance, judgeLegacyOwner, reachedPhase } from './expectation.ts';

function object(
  kind: string,
  spec: object,
  disabled = false,
  reason = 'ReconciliationSucceeded',
): LiveObject {
  return {
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind,
    metadata: {
      name: 'flux',
      uid: '1',
      resourceVersion: '1',
      annotations: disabled ? { 'fluxcd.controlplane.io/reconcile': 'disabled' } : {},
    },
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True', reason }] },
  };
}

test('phases are compared by their place in the table', () => {
  expect(reachedPhase('stage', 'orphan')).toBe(true);
  expect(reachedPhase('orphan', 'stage')).toBe(false);
});

test('a FluxInstance must be absent, then disabled, then succeeded, whatever Ready says', () => {
  expect(judgeInstance('operator', null).ok).toBe(true);
  expect(judgeInstance('operator', object('FluxInstance', {}, true)).ok).toBe(false);
  expect(judgeInstance('stage', object('FluxInstance', {}, true, 'ReconciliationDisabled')).ok).toBe(true);
  expect(judgeInstance('stage', object('FluxInstance', {})).ok).toBe(false);
  expect(judgeInstance('adopt', object('FluxInstance', {})).ok).toBe(true);
  expect(judgeInstance('adopt', object('FluxInstance', {}, true)).ok).toBe(false);
  expect(judgeInstance('adopt', object('FluxInstance', { sync: {} })).ok).toBe(false);
  expect(judgeInstance('soak', null).ok).toBe(false);
});

test('the legacy owner is orphaned during the handover and gone after retire', () => {
  const orphaned = object('Kustomization', { suspend: true, prune: false, deletionPolicy: 'Orphan' });
  expect(judgeLegacyOwner('orphan', orphaned).ok).toBe(true);
  expect(judgeLegacyOwner('orphan', object('Kustomization', { suspend: true, prune: true })).ok).toBe(false);
  expect(judgeLegacyOwner('retire', null).ok).toBe(true);
  expect(judgeLegacyOwner('retire', orphaned).ok).toBe(false);
  expect(judgeLegacyOwner('preflight', object('Kustomization', { prune: true })).ok).toBe(true);
});
