import { describe, expect, test } from 'vitest';
import { parseInventoryEntry } from './inventory.ts';

describe('an inventory entry', () => {
  test('of a namespaced object names group, version, kind, namespace and name', () => {
    expect(parseInventoryEntry('flux-system_source-controller_apps_Deployment', 'v1')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'flux-system',
      name: 'source-controller',
    });
  });
  test('of the core group has no group', () => {
    expect(parseInventoryEntry('flux-system_webhook-receiver__Service', 'v1')?.apiVersion).toBe('v1');
  });
  test('of a cluster-scoped object has no namespace', () => {
    expect(
      parseInventoryEntry(
        '_alerts.notification.toolkit.fluxcd.io_apiextensions.k8s.io_CustomResourceDefinition',
        'v1',
      ),
    ).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: 'alerts.notification.toolkit.fluxcd.io',
    });
  });
  test('writes colons of RBAC names as two underscores', () => {
    expect(
      parseInventoryEntry('_system__node-reader_rbac.authorization.k8s.io_ClusterRole', 'v1')?.name,
    ).toBe('system:node-reader');
  });
  test('that makes no sense is null, not a guess', () => {
    expect(parseInventoryEntry('nonsense', 'v1')).toBeNull();
    expect(parseInventoryEntry('a_b_c', '')).toBeNull();
  });
});
