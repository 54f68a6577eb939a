import { describe, expect, test } from 'vitest';
import { commitOf, healthOf, revisionOf, rolloutMissing } from './health.ts';
import type { LiveObject } from './objects.ts';

const object = (kind: string, status: unknown, more: Partial<LiveObject> = {}): LiveObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind,
  metadata: { name: 'echo', namespace: 'apps', uid: '1', resourceVersion: '1', generation: 2 },
  status,
  ...more,
});
const ready = (status: string, reason = '') => ({ conditions: [{ type: 'Ready', status, reason }] });

describe('the health of a Flux object', () => {
  test('is ready only at the generation that was looked at', () => {
    expect(healthOf(object('Kustomization', { ...ready('True'), observedGeneration: 2 })).state).toBe(
      'ready',
    );
    expect(healthOf(object('Kustomization', { ...ready('True'), observedGeneration: 1 })).state).toBe(
      'progressing',
    );
  });
  test('tells suspended, disabled, static and deleted objects apart', () => {
    expect(healthOf(object('Kustomization', ready('False'), { spec: { suspend: true } })).state).toBe(
      'suspended',
    );
    const disabled = object('FluxInstance', ready('True', 'ReconciliationDisabled'));
    disabled.metadata.annotations = { 'fluxcd.controlplane.io/reconcile': 'disabled' };
    expect(healthOf(disabled).state).toBe('suspended');
    expect(healthOf(object('Alert', undefined)).state).toBe('static');
    expect(healthOf(object('HelmRepository', undefined, { spec: { type: 'oci' } })).state).toBe('static');
    const deleted = object('Kustomization', ready('True'));
    deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(healthOf(deleted).state).toBe('deleting');
  });
  test('keeps one short sentence of a long message', () => {
    const status = { conditions: [{ type: 'Ready', status: 'False', message: `${'x'.repeat(400)}\nmore` }] };
    expect(healthOf(object('HelmRelease', status)).message).toHaveLength(301);
  });
});

test('revisions give the commit of a Git source, and nothing for other sources', () => {
  expect(commitOf(`edge@sha1:${'a'.repeat(40)}`)).toBe('a'.repeat(40));
  expect(commitOf('v2.9.2@sha256:00')).toBe('');
  expect(revisionOf(object('GitRepository', { artifact: { revision: 'edge@sha1:1' } }))).toBe('edge@sha1:1');
});

test('a rollout is complete when the new pods are available and the old ones gone', () => {
  const deployment = (status: object) =>
    object('Deployment', { observedGeneration: 2, ...status }, { spec: { replicas: 1 } });
  expect(rolloutMissing(deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 }))).toBe('');
  expect(rolloutMissing(deployment({ replicas: 2, updatedReplicas: 1, availableReplicas: 1 }))).toContain(
    'old pods',
  );
  expect(rolloutMissing(deployment({ replicas: 1, updatedReplicas: 0, availableReplicas: 1 }))).toContain(
    'updated',
  );
  expect(rolloutMissing(deployment({ replicas: 1, updatedReplicas: 1 }))).toContain('available');
});
