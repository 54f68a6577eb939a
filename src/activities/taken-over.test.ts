import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../cluster/objects.ts';
import { removedByTakeover, withoutFields } from './taken-over.ts';

const container = (limits: object) => ({ containers: [{ name: 'manager', resources: { limits } }] });
const deployment = (limits: object, managedFields: object[] = []): LiveObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'helm-controller',
    uid: '1',
    resourceVersion: '1',
    managedFields,
  },
  spec: { template: { spec: container(limits) } },
});
const owning = (manager: string, operation: string) => ({
  manager,
  operation,
  fieldsV1: {
    'f:spec': {
      'f:template': {
        'f:spec': {
          'f:containers': {
            'k:{"name":"manager"}': {
              '.': {},
              'f:name': {},
              'f:resources': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} } },
            },
          },
        },
      },
    },
  },
});

describe('fields that go with the manager they are taken from', () => {
  it('are those of kubectl apply that the build does not have', () => {
    const live = deployment({ cpu: '2', memory: '2Gi' }, [owning('kubectl-client-side-apply', 'Update')]);
    const removed = removedByTakeover(live, deployment({ memory: '1Gi' }));
    expect(removed.map((path) => path.at(-1))).toEqual(['f:cpu']);
    expect(withoutFields(live, removed).spec).toEqual({ template: { spec: container({ memory: '2Gi' }) } });
  });

  it('are none of those that another manager owns as well, or that the operator does not take over', () => {
    const both = [owning('kubectl', 'Apply'), owning('someone', 'Apply')];
    expect(removedByTakeover(deployment({ cpu: '2', memory: '2Gi' }, both), deployment({}))).toEqual([]);
    const other = [owning('kube-controller-manager', 'Update')];
    expect(removedByTakeover(deployment({ cpu: '2', memory: '2Gi' }, other), deployment({}))).toEqual([]);
  });

  it('are also those that flux bootstrap and kustomize-controller own together', () => {
    const both = [owning('flux', 'Apply'), owning('kustomize-controller', 'Apply')];
    const removed = removedByTakeover(deployment({ cpu: '2', memory: '2Gi' }, both), deployment({}));
    expect(removed.map((path) => path.at(-1))).toEqual(['f:cpu', 'f:memory']);
    const alone = [owning('kustomize-controller', 'Apply')];
    expect(removedByTakeover(deployment({ cpu: '2' }, alone), deployment({}))).toEqual([]);
  });

  it('are those of another manager when the operator is told to take it over', () => {
    const live = deployment({ cpu: '2', memory: '2Gi' }, [owning('helm-controller', 'Update')]);
    expect(removedByTakeover(live, deployment({ memory: '1Gi' }))).toEqual([]);
    const removed = removedByTakeover(live, deployment({ memory: '1Gi' }), ['helm-controller']);
    expect(removed.map((path) => path.at(-1))).toEqual(['f:cpu']);
  });

  it('leave no empty map behind', () => {
    const live = deployment({ cpu: '2', memory: '2Gi' }, [owning('kubectl', 'Apply')]);
    const removed = removedByTakeover(live, deployment({}));
    expect(JSON.stringify(withoutFields(live, removed).spec)).not.toContain('limits');
  });
});
