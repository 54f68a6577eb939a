/** What preflight judges of a live cluster, on objects as the API server returns them. */
import { describe, expect, test } from 'vitest';
import type { LiveObject, ObjectMetadata } from '../../cluster/objects.ts';
import type { Finding } from '../contract.ts';
import { judgeCommit, judgeDrift, judgeOwnerInventory } from './arrival.ts';
import { judgeKubernetes } from './kubernetes-version.ts';
import { judgeManagers } from './managers.ts';
import { judgeOwnerless } from './owner.ts';
import { judgeStoredVersions } from './stored-versions.ts';

function live(
  kind: string,
  name: string,
  rest: Omit<Partial<LiveObject>, 'metadata'> & { metadata?: Partial<ObjectMetadata> } = {},
): LiveObject {
  const { metadata, ...fields } = rest;
  return {
    apiVersion: 'v1',
    kind,
    ...fields,
    metadata: { name, namespace: 'flux-system', uid: '1', resourceVersion: '1', ...metadata },
  };
}

const brief = (findings: Finding[]): string[] => findings.map(({ id, severity }) => `${severity} ${id}`);

describe('the commit', () => {
  const commit = 'a'.repeat(40);
  const source = (at: string): LiveObject =>
    live('GitRepository', 'home', { status: { artifact: { revision: `main@sha1:${at}` } } });

  test('that the cluster has is the one of the plan, or a person is told', () => {
    expect(judgeCommit(source(commit), commit, 'home')).toEqual([]);
    expect(brief(judgeCommit(source('b'.repeat(40)), commit, 'home'))).toEqual(['warn commit-behind']);
  });

  test('is not judged while the source has none', () => {
    expect(judgeCommit(live('GitRepository', 'home'), commit, 'home')).toEqual([]);
  });
});

describe('drift', () => {
  const written = { spec: { interval: '1h', path: './apps', postBuild: { substitute: { A: '${A}' } } } };

  test('is what Git sets and the cluster has otherwise; defaults and variables are none', () => {
    const same = live('Kustomization', 'apps', {
      spec: { interval: '1h', path: './apps', force: false, postBuild: { substitute: { A: 'one' } } },
    });
    expect(judgeDrift(written, same)).toEqual([]);
  });

  test('is named by its fields, not by its values', () => {
    const edited = live('Kustomization', 'apps', { spec: { ...written.spec, path: './secret-place' } });
    const [finding] = judgeDrift(written, edited);
    expect(finding).toMatchObject({ id: 'drift', severity: 'warn' });
    expect(finding?.what).toBe('Kustomization flux-system/apps differs from Git in spec.path');
  });
});

test('the legacy owner must be in the inventory of a root, or nothing prunes it', () => {
  const owner = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'flux',
  };
  const root = (id: string): LiveObject =>
    live('Kustomization', 'cluster', { status: { inventory: { entries: [{ id, v: 'v1' }] } } });
  expect(
    judgeOwnerInventory(owner, [root('flux-system_flux_kustomize.toolkit.fluxcd.io_Kustomization')]),
  ).toEqual([]);
  expect(
    brief(judgeOwnerInventory(owner, [root('flux-system_other_kustomize.toolkit.fluxcd.io_Kustomization')])),
  ).toEqual(['refuse owner-not-in-inventory']);
});

describe('who writes to the controllers', () => {
  const controller = (metadata: Partial<ObjectMetadata>): LiveObject[] => [
    live('Deployment', 'source-controller', { metadata }),
  ];

  test('Flux, kubectl and Kubernetes itself are expected', () => {
    const managedFields = [
      'kustomize-controller',
      'kubectl-client-side-apply',
      'kube-controller-manager',
    ].map((manager) => ({ manager }));
    expect(judgeManagers(controller({ managedFields }), 'self-managed')).toEqual([]);
  });

  test('another manager is named, unless it only writes status', () => {
    expect(
      brief(judgeManagers(controller({ managedFields: [{ manager: 'vpa-updater' }] }), 'self-managed')),
    ).toEqual(['warn field-manager-unknown']);
    expect(
      judgeManagers(controller({ managedFields: [{ manager: 'x', subresource: 'status' }] }), 'self-managed'),
    ).toEqual([]);
  });

  test('another GitOps tool is refused', () => {
    const annotations = {
      'argocd.argoproj.io/tracking-id': 'flux:apps/Deployment:flux-system/source-controller',
    };
    expect(brief(judgeManagers(controller({ annotations }), 'self-managed'))).toEqual([
      'refuse second-gitops-tool',
    ]);
  });

  test('a Helm release is refused, except where it is the shape that is handed over', () => {
    const annotations = { 'meta.helm.sh/release-name': 'flux2' };
    expect(brief(judgeManagers(controller({ annotations }), 'bootstrap-only'))).toEqual([
      'refuse owner-outside-git',
    ]);
    expect(judgeManagers(controller({ annotations }), 'helm')).toEqual([]);
  });
});

describe('stored versions', () => {
  const definition = (stored: string[], versions = ['v1', 'v1beta2']): LiveObject =>
    live('CustomResourceDefinition', 'kustomizations.kustomize.toolkit.fluxcd.io', {
      spec: {
        group: 'kustomize.toolkit.fluxcd.io',
        versions: versions.map((name) => ({ name, storage: name === 'v1' })),
      },
      status: { storedVersions: stored },
    });

  test('that the adopted version no longer defines are refused', () => {
    expect(brief(judgeStoredVersions([definition(['v1beta2', 'v1'])], '2.8.8'))).toEqual([
      'refuse stored-versions',
    ]);
    expect(brief(judgeStoredVersions([definition(['v1beta1', 'v1'])], '2.6.0'))).toEqual([
      'refuse stored-versions',
    ]);
  });

  test('that it still defines are said, and the current one alone is nothing', () => {
    expect(brief(judgeStoredVersions([definition(['v1beta2', 'v1'])], '2.7.5'))).toEqual([
      'note stored-versions',
    ]);
    expect(judgeStoredVersions([definition(['v1'])], '2.9.2')).toEqual([]);
  });
});

test('Kubernetes is compared with what the Flux release is made for, where that is known', () => {
  expect(brief(judgeKubernetes('v1.32.4+k3s1', '2.9.2'))).toEqual(['warn kubernetes-too-old']);
  expect(judgeKubernetes('v1.33.0', '2.9.2')).toEqual([]);
  expect(judgeKubernetes('v1.20.0', '2.6.0')).toEqual([]);
});

describe('controllers that nothing in Git owns', () => {
  const target = { namespace: 'flux-system', components: ['source-controller'] };
  const deployment = (metadata: Partial<ObjectMetadata> = {}): LiveObject =>
    live('Deployment', 'source-controller', { apiVersion: 'apps/v1', metadata });

  test('belong to nobody on the cluster', () => {
    const flux = [live('Kustomization', 'apps')];
    expect(judgeOwnerless(target, { flux, deployments: [deployment()] }, 'home')).toEqual([]);
  });

  test('are refused where an owner is left whose file has gone from Git: by its labels, its inventory, its release', () => {
    const labelled = deployment({
      labels: {
        'kustomize.toolkit.fluxcd.io/name': 'flux',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    });
    const released = deployment({ annotations: { 'meta.helm.sh/release-name': 'flux2' } });
    const lister = live('Kustomization', 'flux', {
      status: { inventory: { entries: [{ id: 'flux-system_source-controller_apps_Deployment', v: 'v1' }] } },
    });
    for (const look of [
      { flux: [], deployments: [labelled] },
      { flux: [], deployments: [released] },
      { flux: [lister], deployments: [deployment()] },
    ])
      expect(brief(judgeOwnerless(target, look, 'home'))).toEqual(['refuse owner-unexpected']);
  });
});
