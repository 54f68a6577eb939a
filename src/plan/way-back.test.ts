/** What a plan says beforehand about its way back: the limits of its shape, and no others. */
import { expect, test } from 'vitest';
import { fixture, homeConfig, realBuild, treeOf } from './fixtures/index.ts';
import { makeClusterPlan } from './make-plan.ts';
import type { ClusterPlan } from './types.ts';
import { wayBackLimits } from './way-back.ts';

const config = homeConfig();
const plan = await makeClusterPlan({
  tree: treeOf(fixture('home')),
  config,
  cluster: config.clusters[0]!,
  build: realBuild,
});

const ids = (facts: ClusterPlan): string[] => wayBackLimits(facts).map(({ id }) => id);
const everywhere = [
  'built-on-operator',
  'others-edits',
  'flux-upgraded',
  'others-commits',
  'secrets-and-registries',
  'record-stays',
  'history',
];

test('self-managed: what retire removes is made anew; nothing else beyond what holds everywhere', () => {
  expect(ids(plan).toSorted()).toEqual([...everywhere, 'collected-objects'].toSorted());
  const gone = plan.wayBack.find(({ id }) => id === 'collected-objects');
  expect(gone).toMatchObject({ outcome: 'lost', since: 'retire' });
  expect(gone?.what).toContain(
    'Kustomization flux, OCIRepository flux-manifests: made again with other UIDs',
  );
});

test('what is named is this plan: its files, its version, its secrets, its branch', () => {
  const what = (id: string): string => plan.wayBack.find((limit) => limit.id === id)?.what ?? '';
  expect(what('others-edits')).toContain('flux-system/kustomization.yaml');
  expect(what('others-edits')).not.toContain('fluxinstance.yaml');
  expect(what('flux-upgraded')).toContain(`leads to Flux ${plan.legacy.version}`);
  expect(what('secrets-and-registries')).toContain('sops-age');
  expect(what('others-commits')).toContain(`the branch ${plan.branch}`);
});

test('they come in the order in which they begin to hold', () => {
  const phases = ['orphan', 'operator', 'stage', 'adopt', 'retire'];
  const at = plan.wayBack.map(({ since }) => phases.indexOf(since));
  expect(at).toEqual(at.toSorted((left, right) => left - right));
  expect(at[0]).toBe(0);
});

test('where no owner reconciles the controllers, the way back stands on what was written down', () => {
  const ownerless: ClusterPlan = {
    ...plan,
    legacy: { ...plan.legacy, shape: 'bootstrap-only', owner: null },
    changes: plan.changes
      .filter(({ phase }) => phase !== 'orphan')
      .map((change) => ({ ...change, collects: [] })),
  };
  expect(ids(ownerless).toSorted()).toEqual([...everywhere, 'kept-content', 'live-edits'].toSorted());
  expect(wayBackLimits(ownerless)[0]?.since).toBe('operator');
});

test('a Helm release has records, and so has an instance that comes as a chart', () => {
  const { owner } = plan.legacy;
  const released: ClusterPlan = {
    ...plan,
    legacy: {
      ...plan.legacy,
      shape: 'helm',
      owner: owner && { ...owner, kind: 'HelmRelease', name: 'flux2' },
    },
    target: { ...plan.target, instanceHelmRelease: 'flux-instance' },
  };
  const limits = wayBackLimits(released);
  expect(limits.find(({ id }) => id === 'release-records')).toMatchObject({
    outcome: 'lost',
    since: 'orphan',
  });
  expect(limits.find(({ id }) => id === 'instance-release')).toMatchObject({
    outcome: 'left',
    since: 'stage',
    mend: 'When the way back is done: kubectl -n flux-system delete secret -l owner=helm,name=flux-instance',
  });
});

test('a plan without commits has nothing to come back from', () => {
  expect(wayBackLimits({ ...plan, changes: [] })).toEqual([]);
});
