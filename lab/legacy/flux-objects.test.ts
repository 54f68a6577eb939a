import { expect, test } from 'vitest';
import { unready } from './flux-objects.ts';
import type { FluxObject } from './flux-objects.ts';

function kustomization(changes: Partial<FluxObject> = {}): FluxObject {
  return {
    kind: 'Kustomization',
    metadata: { name: 'echo', namespace: 'flux-system', generation: 2 },
    spec: {},
    status: { observedGeneration: 2, conditions: [condition('Ready', 'True', 'ReconciliationSucceeded')] },
    ...changes,
  };
}

function condition(type: string, status: string, reason: string) {
  return { type, status, reason, message: 'in words' };
}

test('an object that is Ready at its generation has nothing to do', () => {
  expect(unready([kustomization()])).toEqual([]);
});

test('Ready at an earlier generation is not Ready', () => {
  const status = {
    observedGeneration: 1,
    conditions: [condition('Ready', 'True', 'ReconciliationSucceeded')],
  };
  expect(unready([kustomization({ status })])).toHaveLength(1);
});

test('an object that its controller never saw is told as such', () => {
  const { status: _, ...unseen } = kustomization();
  expect(unready([unseen])[0]?.why).toBe('Kustomization/flux-system/echo: not seen by its controller yet');
});

test('a failed object is stuck until it is asked again, one that still tries is not', () => {
  const failed = condition('Ready', 'False', 'BuildFailed');
  const trying = [failed, condition('Reconciling', 'True', 'ProgressingWithRetry')];
  expect(
    unready([kustomization({ status: { observedGeneration: 2, conditions: [failed] } })])[0]?.stuck,
  ).toBe(true);
  expect(unready([kustomization({ status: { observedGeneration: 2, conditions: trying } })])[0]?.stuck).toBe(
    false,
  );
});

test('suspended objects and OCI HelmRepositories are never waited for', () => {
  const { status: _, ...unseen } = kustomization();
  const repository = { ...unseen, kind: 'HelmRepository', spec: { type: 'oci' } };
  expect(unready([{ ...unseen, spec: { suspend: true } }, repository])).toEqual([]);
});
