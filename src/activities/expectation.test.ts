import { expect, test } from 'vitest';
import type { LiveObject } from '../cluster/objects.ts';
import type { ClusterPlan } from '../plan/types.ts';
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

const owner = { kind: 'Kustomization', name: 'flux', namespace: 'flux-system', prune: true };
const plan = (phases: string[], legacyOwner: object | null = owner): ClusterPlan =>
  ({
    legacy: { owner: legacyOwner },
    target: { sync: null },
    changes: phases.map((phase) => ({ phase, files: [], collects: [] })),
  }) as unknown as ClusterPlan;
const orphaning = plan(['orphan', 'operator', 'stage', 'adopt', 'retire']);

test('phases are compared by their place in the table', () => {
  expect(reachedPhase('stage', 'orphan')).toBe(true);
  expect(reachedPhase('orphan', 'stage')).toBe(false);
});

test('a FluxInstance must be absent, then disabled, then succeeded, whatever Ready says', () => {
  expect(judgeInstance('operator', null, orphaning).ok).toBe(true);
  expect(judgeInstance('operator', object('FluxInstance', {}, true), orphaning).ok).toBe(false);
  expect(
    judgeInstance('stage', object('FluxInstance', {}, true, 'ReconciliationDisabled'), orphaning).ok,
  ).toBe(true);
  expect(judgeInstance('stage', object('FluxInstance', {}), orphaning).ok).toBe(false);
  expect(judgeInstance('adopt', object('FluxInstance', {}), orphaning).ok).toBe(true);
  expect(judgeInstance('adopt', object('FluxInstance', {}, true), orphaning).ok).toBe(false);
  expect(judgeInstance('adopt', object('FluxInstance', { sync: {} }), orphaning).ok).toBe(false);
  expect(judgeInstance('soak', null, orphaning).ok).toBe(false);
});

test('the legacy owner is orphaned during the handover and gone after retire', () => {
  const orphaned = object('Kustomization', { suspend: true, prune: false, deletionPolicy: 'Orphan' });
  expect(judgeLegacyOwner('orphan', orphaned, orphaning).ok).toBe(true);
  expect(
    judgeLegacyOwner('orphan', object('Kustomization', { suspend: true, prune: true }), orphaning).ok,
  ).toBe(false);
  expect(judgeLegacyOwner('retire', null, orphaning).ok).toBe(true);
  expect(judgeLegacyOwner('retire', orphaned, orphaning).ok).toBe(false);
  expect(judgeLegacyOwner('preflight', object('Kustomization', { prune: true }), orphaning).ok).toBe(true);
});

test('a root that also applied Flux stays: never suspended, pruning as before', () => {
  const staying = plan(['operator', 'stage', 'adopt', 'retire']);
  for (const phase of ['preflight', 'adopt', 'settle'] as const) {
    expect(judgeLegacyOwner(phase, object('Kustomization', { prune: true }), staying).ok).toBe(true);
    expect(judgeLegacyOwner(phase, object('Kustomization', { prune: false }), staying).ok).toBe(false);
    expect(judgeLegacyOwner(phase, object('Kustomization', { prune: true, suspend: true }), staying).ok).toBe(
      false,
    );
    expect(judgeLegacyOwner(phase, null, staying).ok).toBe(false);
  }
});

test('where nothing owned Flux, no owner is looked for', () => {
  expect(judgeLegacyOwner('adopt', null, plan(['operator', 'adopt', 'retire'], null)).ok).toBe(true);
});
