import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../cluster/objects.ts';
import type { PlannedSync } from '../plan/types.ts';
import { syncFault } from './sync.ts';

const planned: PlannedSync = {
  source: {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    namespace: 'flux-system',
    name: 'flux-system',
  },
  root: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'flux-system',
  },
  url: 'https://git.test/home-ops.git',
  ref: 'refs/heads/main',
  path: './clusters/prod',
  pullSecret: 'flux-system',
  interval: '1m0s',
};
const sync = {
  kind: 'GitRepository',
  url: planned.url,
  ref: planned.ref,
  path: 'clusters/prod',
  pullSecret: 'flux-system',
};
const instance = (live: object | undefined): LiveObject => ({
  apiVersion: 'fluxcd.controlplane.io/v1',
  kind: 'FluxInstance',
  metadata: { name: 'flux', namespace: 'flux-system', uid: '1', resourceVersion: '1' },
  spec: live === undefined ? {} : { sync: live },
});

describe('spec.sync on the cluster', () => {
  it('is as planned, also where the path is written another way and the name is the default', () => {
    expect(syncFault(instance(sync), planned)).toBe('');
    expect(syncFault(instance(undefined), null)).toBe('');
  });

  it.each([
    ['another path', { ...sync, path: 'clusters/dev' }, /path: clusters\/dev instead of \.\/clusters\/prod/],
    ['another branch', { ...sync, ref: 'refs/heads/dev' }, /ref: refs\/heads\/dev/],
    ['another name', { ...sync, name: 'cluster' }, /name: cluster instead of flux-system/],
    ['no secret', { ...sync, pullSecret: undefined }, /pullSecret: \(none\)/],
    ['none at all', undefined, /has no spec\.sync/],
  ])('with %s is told', (_what, live, said) => {
    expect(syncFault(instance(live), planned)).toMatch(said);
  });

  it('that nobody planned is told', () => {
    expect(syncFault(instance(sync), null)).toMatch(/the plan has none/);
  });
});
