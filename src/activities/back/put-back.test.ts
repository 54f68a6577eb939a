import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { contentOf, managersPatch } from './put-back.ts';

const object = (metadata: Partial<LiveObject['metadata']>): LiveObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'source-controller',
    namespace: 'flux-system',
    uid: '1',
    resourceVersion: '7',
    ...metadata,
  },
  spec: { replicas: 1 },
  status: { replicas: 1 },
});

describe('an object that is put back', () => {
  it('is applied without what the cluster keeps for itself', () => {
    const annotations = { 'deployment.kubernetes.io/revision': '3', note: 'mine' };
    expect(contentOf(object({ generation: 4, annotations, labels: { app: 'source-controller' } }))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'source-controller',
        namespace: 'flux-system',
        labels: { app: 'source-controller' },
        annotations: { note: 'mine' },
      },
      spec: { replicas: 1 },
    });
  });

  it('gets the field managers it had, beside those of its status as it is now', () => {
    const client = { manager: 'kubectl-client-side-apply', operation: 'Update' };
    const status = (time: string) => ({
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'status',
      time,
    });
    const live = object({
      resourceVersion: '99',
      managedFields: [{ manager: 'flux-operator', operation: 'Apply' }, status('now')],
    });
    expect(managersPatch(live, object({ managedFields: [client, status('then')] }))).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '99' },
      { op: 'replace', path: '/metadata/managedFields', value: [client, status('now')] },
    ]);
  });
});
