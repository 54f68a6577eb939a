import { expect, test } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { reconciledSince } from './restore-legacy-owner.ts';

/** The legacy owner at generation 5, as it was restored. */
function owner(ready: 'True' | 'False' | 'Unknown', observedGeneration: number, message = ''): LiveObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { namespace: 'flux-system', name: 'flux', generation: 5 },
    spec: { prune: true },
    status: { observedGeneration, conditions: [{ type: 'Ready', status: ready, message }] },
  } as LiveObject;
}

test('Ready at the restored generation proves that the owner reconciled', () => {
  expect(reconciledSince(owner('True', 5), false)).toEqual({ value: true });
  expect(reconciledSince(owner('True', 5), true)).toEqual({ value: true });
});

test('Ready at an older generation proves nothing yet', () => {
  expect(reconciledSince(owner('True', 4), false)).toEqual({
    waiting: 'Kustomization flux-system/flux: generation 4 of 5 was looked at',
  });
});

test('a failed attempt is asked again at once, though it leaves the observed generation behind', () => {
  expect(reconciledSince(owner('False', 4, 'webhook timed out'), false)).toEqual({ value: false });
  expect(reconciledSince(owner('False', 5, 'webhook timed out'), false)).toEqual({ value: false });
});

test('a repeated step asks again: its commit is there already, and nothing else would move the owner', () => {
  expect(reconciledSince(owner('Unknown', 4), false)).toHaveProperty('waiting');
  expect(reconciledSince(owner('Unknown', 4), true)).toEqual({ value: false });
  expect(reconciledSince(owner('True', 4), true)).toEqual({ value: false });
});
