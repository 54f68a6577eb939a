import { expect, test, vi } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import type { Session } from '../session.ts';

// What it waits for is a matter of its own.
vi.mock('./at-rest.ts', () => ({ instanceAtRest: async (_session: unknown, rested: unknown) => rested }));
// Another file of this worker may have loaded it already, without the mock.
vi.resetModules();
const { managedObjects } = await import('./managed-objects.ts');

const reference = {
  apiVersion: 'fluxcd.controlplane.io/v1',
  kind: 'FluxInstance',
  namespace: 'flux-system',
  name: 'flux',
};

/** An instance that has written down a namespace. */
function instance(ready: 'True' | 'False'): LiveObject {
  return {
    apiVersion: reference.apiVersion,
    kind: reference.kind,
    metadata: { name: 'flux', namespace: 'flux-system', uid: 'a', resourceVersion: '1' },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      inventory: { entries: [{ id: '_flux-system__Namespace', v: 'v1' }] },
    },
  };
}

/** A cluster on which the operator has labelled one Deployment. */
function cluster(asked: string[] = []): Session {
  const labelled = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'source-controller', namespace: 'flux-system', uid: 'b', resourceVersion: '1' },
  };
  const list = async (_apiVersion: string, kind: string, { labelSelector }: { labelSelector: string }) => {
    asked.push(labelSelector);
    return kind === 'Deployment' ? [labelled] : [];
  };
  const discovery = { resourcesOfGroups: async () => [] };
  return { cluster: { list, discovery } } as unknown as Session;
}

const names = async (from: Session, at: LiveObject | null) =>
  (await managedObjects(from, at, reference)).map(({ kind }) => kind);

test('what an instance has written down is all, where its last reconciliation succeeded', async () => {
  expect(await names(cluster(), instance('True'))).toEqual(['Namespace']);
});

test('where it failed, or was cut off, whatever bears its label is added', async () => {
  const asked: string[] = [];
  expect(await names(cluster(asked), instance('False'))).toEqual(['Namespace', 'Deployment']);
  expect(asked[0]).toBe('fluxcd.controlplane.io/name=flux,fluxcd.controlplane.io/namespace=flux-system');
});

test('where the instance is gone, what bears its label is all that is left to tell', async () => {
  expect(await names(cluster(), null)).toEqual(['Deployment']);
});
