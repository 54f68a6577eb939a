import { expect, test } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { ownershipPatch } from './ownership-patch.ts';

const object = (managers: string[], annotations: Record<string, string> = {}): LiveObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name: 'source-controller',
    uid: '1',
    resourceVersion: '42',
    annotations,
    managedFields: managers.map((manager) => ({ manager, operation: 'Apply', fieldsV1: {} })),
  },
});
const marked = { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' };

test('an adopted object is renamed and loses its mark, if nobody wrote meanwhile', () => {
  expect(ownershipPatch(object(['flux-operator'], marked))).toEqual([
    { op: 'test', path: '/metadata/resourceVersion', value: '42' },
    { op: 'remove', path: '/metadata/annotations/kustomize.toolkit.fluxcd.io~1ssa' },
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [{ manager: 'kustomize-controller', operation: 'Apply', fieldsV1: {} }],
    },
  ]);
});

test('a half-adopted object keeps one entry of the legacy manager', () => {
  const patch = ownershipPatch(object(['kustomize-controller', 'flux-operator'], marked));
  expect(patch?.at(-1)?.value).toEqual([
    { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: {} },
  ]);
});

test('an object that was never adopted, or was handed back before, is left alone', () => {
  expect(ownershipPatch(object(['kustomize-controller']))).toBeNull();
});
