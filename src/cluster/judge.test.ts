import { describe, expect, test } from 'vitest';
import type { ControllerRecord } from './controller-set.ts';
import { judge, type Observed } from './judge.ts';
import type { ObjectRecord } from './record.ts';
import type { Snapshot } from './snapshot.ts';
import type { Expectation, Verdict } from './verdict.ts';

const record = (kind: string, name: string, change: Partial<ObjectRecord> = {}): ObjectRecord => ({
  reference: {
    apiVersion: kind === 'Kustomization' ? 'kustomize.toolkit.fluxcd.io/v1' : 'v1',
    kind,
    namespace: 'apps',
    name,
  },
  uid: `uid-of-${name}`,
  health:
    kind === 'Kustomization' ? { state: 'ready', reason: 'ReconciliationSucceeded', message: '' } : null,
  suspended: false,
  revision: 'main@sha1:a',
  wantedRevision: 'main@sha1:a',
  owner: 'apps/root',
  release: '',
  controlled: false,
  managers: ['kustomize-controller:Apply'],
  deleting: false,
  ...change,
});

const controller: ControllerRecord = {
  component: 'helm-controller',
  shard: '',
  name: 'helm-controller',
  namespace: 'flux-system',
  uid: 'uid-of-helm-controller',
  version: '2.9.2',
  image: 'ghcr.io/fluxcd/helm-controller:v1.6.2',
  args: [
    '--events-addr=http://notification-controller.flux-system.svc.cluster.local./',
    '--concurrent=8',
    '--feature-gates=OOMWatch=true',
  ],
  resources: { limits: { memory: '2Gi' } },
  replicas: 1,
  podDigest: 'sha256:1',
  missing: '',
};

const baseline: Snapshot = {
  takenAt: '2026-01-01T00:00:00Z',
  clusterUid: 'c1',
  kubernetesVersion: 'v1.34.4',
  namespace: 'flux-system',
  objects: {
    'Kustomization.kustomize.toolkit.fluxcd.io/apps/root': record('Kustomization', 'root', { owner: '' }),
    'Kustomization.kustomize.toolkit.fluxcd.io/apps/echo': record('Kustomization', 'echo'),
    'Kustomization.kustomize.toolkit.fluxcd.io/apps/kiosk': record('Kustomization', 'kiosk', {
      suspended: true,
      health: { state: 'suspended', reason: '', message: '' },
    }),
    'PersistentVolumeClaim/apps/notes': record('PersistentVolumeClaim', 'notes'),
  },
  controllers: [controller],
  replicaSets: {},
  leaders: { 'flux-system/helm-controller-leader-election': 'helm-controller-abc_1' },
  secrets: {},
  configMaps: {},
  inventories: { 'Kustomization apps/root': ['Kustomization.kustomize.toolkit.fluxcd.io/apps/echo'] },
};

const expectation: Expectation = {
  gone: new Set(),
  remade: new Set(),
  ours: new Set(),
  passedOver: new Set(),
  owner: 'legacy',
};
const observe = (change: Partial<Snapshot> = {}, more: Partial<Observed> = {}): Observed => ({
  snapshot: { ...baseline, ...change },
  ownership: [],
  owned: 29,
  ciphertext: [],
  ...more,
});
const failing = (observed: Observed, expected = expectation) =>
  judge(baseline, observed, expected).filter(({ ok }) => !ok);
const replacing = (
  key: string,
  value: ObjectRecord | undefined,
  rest: Partial<Snapshot> = {},
): Partial<Snapshot> => {
  const objects = { ...baseline.objects };
  if (value) objects[key] = value;
  else delete objects[key];
  return { objects, ...rest };
};
const echo = 'Kustomization.kustomize.toolkit.fluxcd.io/apps/echo';
const claim = 'PersistentVolumeClaim/apps/notes';

describe('the judgement', () => {
  test('of an unchanged cluster is good in every point', () => {
    expect(failing(observe())).toEqual([]);
  });
  test('finds a volume claim that was created anew', () => {
    const [fault] = failing(
      observe(replacing(claim, record('PersistentVolumeClaim', 'notes', { uid: 'another' }))),
    );
    expect(fault).toMatchObject({ name: 'same identities', detail: expect.stringContaining('created anew') });
  });
  test('finds an object that is gone', () => {
    expect(failing(observe(replacing(echo, undefined))).map(({ name }) => name)).toEqual(['same identities']);
  });
  test('lets go what the approved plan removes', () => {
    expect(failing(observe(replacing(echo, undefined)), { ...expectation, gone: new Set([echo]) })).toEqual(
      [],
    );
  });
  test('notes, without alarm, what others took out of Git', () => {
    const root = {
      ...record('Kustomization', 'root', { owner: '' }),
      revision: 'main@sha1:b',
      wantedRevision: 'main@sha1:b',
    };
    const change = replacing(echo, undefined, { inventories: { 'Kustomization apps/root': [] } });
    change.objects = { ...change.objects, 'Kustomization.kustomize.toolkit.fluxcd.io/apps/root': root };
    const verdicts = judge(baseline, observe(change), expectation);
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
    expect(verdicts.find(({ name }) => name === 'same identities')?.detail).toContain(
      'removed from Git by others',
    );
  });
  test('excuses what left with a Kustomization that somebody took out of Git, down to what Helm made', () => {
    const release = 'HelmRelease.helm.toolkit.fluxcd.io/apps/plex';
    const deployment = 'Deployment.apps/apps/plex';
    const before = {
      ...baseline,
      objects: {
        ...baseline.objects,
        [release]: record('HelmRelease', 'plex', { owner: 'apps/echo' }),
        [deployment]: record('Deployment', 'plex', { owner: '', release: 'apps/plex' }),
      },
    };
    const root = record('Kustomization', 'root', {
      owner: '',
      revision: 'main@sha1:b',
      wantedRevision: 'main@sha1:b',
    });
    const { [echo]: _, ...left } = baseline.objects;
    const now = (rootNow: ObjectRecord, inventory: string[]): Observed =>
      observe({
        objects: { ...left, 'Kustomization.kustomize.toolkit.fluxcd.io/apps/root': rootNow },
        inventories: { 'Kustomization apps/root': inventory },
      });
    expect(judge(before, now(root, []), expectation).filter(({ ok }) => !ok)).toEqual([]);
    // Still listed, or at the same revision: then it is no work of Git.
    expect(judge(before, now(root, [echo]), expectation).find(({ ok }) => !ok)?.detail).toContain(
      'HelmRelease apps/plex is gone; Deployment apps/plex is gone',
    );
    const same = { ...root, revision: 'main@sha1:a', wantedRevision: 'main@sha1:a' };
    expect(judge(before, now(same, []), expectation).find(({ ok }) => !ok)?.name).toBe('same identities');
  });
  test('excuses what a release without it no longer has, also where its chart is the same', () => {
    const release = 'HelmRelease.helm.toolkit.fluxcd.io/apps/plex';
    const objects = {
      ...baseline.objects,
      [release]: record('HelmRelease', 'plex', {
        health: { state: 'ready', reason: 'UpgradeSucceeded', message: '' },
      }),
    };
    const deployment = record('Deployment', 'plex-worker', { owner: '', release: 'apps/plex' });
    const before = { ...baseline, objects: { ...objects, 'Deployment.apps/apps/plex-worker': deployment } };
    const bad = (inventories: Record<string, string[]>): Verdict[] =>
      judge(
        before,
        observe({ objects, inventories: { ...baseline.inventories, ...inventories } }),
        expectation,
      ).filter(({ ok }) => !ok);
    expect(bad({ 'HelmRelease apps/plex': ['Service/apps/plex'] })).toEqual([]);
    expect(bad({ 'HelmRelease apps/plex': ['Deployment.apps/apps/plex-worker'] })).toHaveLength(1);
    // Without an inventory only another revision tells.
    expect(bad({})).toHaveLength(1);
  });
  test('leaves alone what another controller makes and takes away', () => {
    const mover = record('PersistentVolumeClaim', 'volsync-notes', { owner: '', controlled: true });
    const before = {
      ...baseline,
      objects: { ...baseline.objects, 'PersistentVolumeClaim/apps/volsync-notes': mover },
    };
    expect(judge(before, observe(), expectation).filter(({ ok }) => !ok)).toEqual([]);
  });
  test('lets a person pass over a loss, but over none that Flux needs', () => {
    const [lost] = failing(observe(replacing(claim, undefined)));
    expect(lost).toMatchObject({ name: 'same identities', passable: [claim] });
    const passed = { ...expectation, passedOver: new Set([claim]) };
    expect(failing(observe(replacing(claim, undefined)), passed)).toEqual([]);
    const crd = 'CustomResourceDefinition.apiextensions.k8s.io/kustomizations.kustomize.toolkit.fluxcd.io';
    const before = {
      ...baseline,
      objects: { ...baseline.objects, [crd]: record('CustomResourceDefinition', 'kustomizations') },
    };
    const both = judge(before, observe(replacing(claim, undefined)), expectation).find(({ ok }) => !ok);
    expect(both).toMatchObject({ name: 'same identities' });
    expect(both?.passable).toBeUndefined();
  });
  test('never excuses a missing volume claim that way', () => {
    const root = record('Kustomization', 'root', {
      owner: '',
      revision: 'main@sha1:b',
      wantedRevision: 'main@sha1:b',
    });
    const change = replacing(claim, undefined, { inventories: { 'Kustomization apps/root': [] } });
    change.objects = { ...change.objects, 'Kustomization.kustomize.toolkit.fluxcd.io/apps/root': root };
    expect(failing(observe(change)).map(({ name }) => name)).toContain('same identities');
  });
  test('asks for the revision of the source, not for Ready alone', () => {
    const behind = record('Kustomization', 'echo', { wantedRevision: 'main@sha1:b' });
    expect(failing(observe(replacing(echo, behind))).map(({ name }) => name)).toEqual([
      'ready at the current revision',
    ]);
  });
  test('does not ask more of an object than it gave before', () => {
    const ill = { state: 'failed', reason: 'BuildFailed', message: 'broken since spring' } as const;
    const before = {
      ...baseline,
      objects: { ...baseline.objects, [echo]: record('Kustomization', 'echo', { health: ill }) },
    };
    expect(judge(before, { ...observe(), snapshot: before }, expectation).every(({ ok }) => ok)).toBe(true);
  });
  test('finds a suspended Kustomization that was resumed', () => {
    const resumed = record('Kustomization', 'kiosk');
    expect(
      failing(observe(replacing('Kustomization.kustomize.toolkit.fluxcd.io/apps/kiosk', resumed))).map(
        ({ name }) => name,
      ),
    ).toEqual(['suspensions as before']);
  });
  test('finds a second controller set', () => {
    const second = { ...controller, namespace: 'flux', uid: 'second' };
    expect(failing(observe({ controllers: [controller, second] }))[0]).toMatchObject({
      name: 'one controller set',
      detail: expect.stringContaining('flux/helm-controller'),
    });
  });
  test('lets the operator word a flag its own way', () => {
    const before = observe({ controllers: [{ ...controller, args: ['--watch-all-namespaces'] }] }).snapshot;
    const worded = { ...controller, args: ['--watch-all-namespaces=true'] };
    const turned = { ...controller, args: ['--watch-all-namespaces=false'] };
    const argumentsOf = (now: typeof controller) =>
      judge(before, observe({ controllers: [now] }), expectation).find(
        ({ name }) => name === 'arguments and limits in force',
      );
    expect(argumentsOf(worded)?.ok).toBe(true);
    expect(argumentsOf(turned)?.ok).toBe(false);
  });
  test('lets the operator add its own feature gate and events address, and nothing else', () => {
    const args = [
      '--events-addr=http://notification-controller/',
      '--concurrent=8',
      '--feature-gates=OOMWatch=true',
      '--feature-gates=ObjectLevelWorkloadIdentity=false',
    ];
    expect(failing(observe({ controllers: [{ ...controller, args }] }))).toEqual([]);
    expect(
      failing(
        observe({
          controllers: [{ ...controller, args: args.filter((argument) => argument !== '--concurrent=8') }],
        }),
      )[0]?.detail,
    ).toContain('--concurrent=8 is gone');
    expect(failing(observe({ controllers: [{ ...controller, resources: {} }] }))[0]?.detail).toContain(
      'resources was',
    );
  });
  test('finds objects with the wrong owner, and an empty inventory', () => {
    expect(
      failing(
        observe(
          {},
          { ownership: [{ object: 'Namespace flux-system', missing: ['not applied by flux-operator'] }] },
        ),
      ),
    ).toHaveLength(1);
    expect(failing(observe({}, { owned: 0 }))).toHaveLength(1);
  });
  test('asks for the very ReplicaSets while the legacy owner is in charge, and only then', () => {
    const change = { replicaSets: { 'helm-controller': 'helm-controller-2' } };
    const before = { ...baseline, replicaSets: { 'helm-controller': 'helm-controller-1' } };
    const names = (owner: Expectation['owner']) =>
      judge(before, observe(change), { ...expectation, owner })
        .filter(({ ok }) => !ok)
        .map(({ name }) => name);
    expect(names('legacy')).toEqual(['controllers as before']);
    expect(names('operator')).toEqual([]);
  });
  test('lets a way back make anew what the plan had removed', () => {
    const anew = record('Kustomization', 'echo', { uid: 'another' });
    expect(failing(observe(replacing(echo, anew)), { ...expectation, remade: new Set([echo]) })).toEqual([]);
  });
  test('finds live ciphertext', () => {
    expect(failing(observe({}, { ciphertext: ['Secret flux-system/cluster-secrets'] }))[0]?.name).toBe(
      'no ciphertext is live',
    );
  });
});
