import { expect, test } from 'vitest';
import type { LiveObject } from './objects.ts';
import { missingForLegacy, missingForOperator } from './ownership.ts';

const owner = { name: 'flux', namespace: 'flux-system' };

function deployment(
  manager: string,
  labels: Record<string, string>,
  annotations: Record<string, string> = {},
): LiveObject {
  const managedFields = [
    { manager, operation: 'Apply' },
    { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status' },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'source-controller',
      uid: '1',
      resourceVersion: '1',
      labels,
      annotations,
      managedFields,
    },
  };
}

const legacy = deployment('kustomize-controller', { 'kustomize.toolkit.fluxcd.io/name': 'flux' });
const adopted = deployment(
  'flux-operator',
  { 'fluxcd.controlplane.io/name': 'flux' },
  { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' },
);

test('each owner is content with its own object', () => {
  expect(missingForLegacy(legacy, owner)).toEqual([]);
  expect(missingForOperator(adopted)).toEqual([]);
});

test("each owner finds everything amiss with the other's", () => {
  expect(missingForOperator(legacy)).toHaveLength(4);
  expect(missingForLegacy(adopted, owner)).toHaveLength(5);
});

test('the namespace may carry the label of another Kustomization, since several apply it', () => {
  const namespace = {
    ...deployment('kustomize-controller', { 'kustomize.toolkit.fluxcd.io/name': 'cluster-apps' }),
    kind: 'Namespace',
  };
  expect(missingForLegacy(namespace, owner)).toEqual([]);
});
