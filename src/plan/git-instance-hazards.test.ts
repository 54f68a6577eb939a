/** A FluxInstance that somebody put into Git by hand is judged against the install that it would take over. */
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../config/load.ts';
import { fixture, homeConfig, homeFolder, realBuild, treeOf, type Files } from './fixtures/index.ts';
import { makeClusterPlan } from './make-plan.ts';
import type { Hazard } from './types.ts';

const instanceIds = /^(sync-|component-not-built|network-policy-not-built|instance-prunable)/;

async function judged(files: Files, config = homeConfig()): Promise<Hazard[]> {
  const plan = await makeClusterPlan({
    tree: treeOf(files),
    config,
    cluster: config.clusters[0]!,
    build: realBuild,
  });
  return plan.hazards.filter(({ id }) => instanceIds.test(id));
}

const controllers = ['source', 'kustomize', 'helm', 'notification'].map((name) => `${name}-controller`);

function instance(spec: object, annotations?: object): string {
  return stringify({
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    metadata: { name: 'flux', namespace: 'flux-system', ...(annotations ? { annotations } : {}) },
    spec: { distribution: { version: '2.7.5', registry: 'ghcr.io/fluxcd' }, ...spec },
  });
}

function kustomization(name: string, path: string, spec: object): string {
  return stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: { interval: '10m', path, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
  });
}

const sync = { kind: 'GitRepository', url: 'https://git.example.com/fleet.git', ref: 'refs/heads/main' };
const config = parseConfig(`apiVersion: flux-handover/v1
fleet: one
repository: { url: 'https://git.example.com/fleet.git' }
clusters:
  - { name: one, branch: main, path: clusters/one, context: one }
`);

/** What `flux bootstrap` writes, its root decrypting and substituting, and a FluxInstance in a folder of its own. */
function bootstrapped(spec: object, owner: object = { prune: false, deletionPolicy: 'Orphan' }): Files {
  const deployments = controllers.map(
    (name) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      containers:\n      - image: ghcr.io/fluxcd/${name}:v1.0.0\n        name: manager\n`,
  );
  const policies = ['allow-egress', 'allow-scraping', 'allow-webhooks'].map(
    (name) =>
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}\n  namespace: flux-system\n`,
  );
  const folder = 'clusters/one/flux-system';
  return {
    [`${folder}/gotk-components.yaml`]: `---\n# Flux Version: v2.7.5\n# Components: ${controllers.join(',')}\n${[...deployments, ...policies].join('---\n')}`,
    [`${folder}/gotk-sync.yaml`]: `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 1m\n  url: https://git.example.com/fleet.git\n  ref: { branch: main }\n---\n${kustomization('flux-system', './clusters/one', { prune: true })}`,
    [`${folder}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [gotk-components.yaml, gotk-sync.yaml]
patches:
  - patch: |
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: { name: flux-system }
      spec:
        decryption: { provider: sops }
        postBuild: { substitute: { a: b } }
`,
    'clusters/one/flux-instance.yaml': kustomization(
      'flux-instance',
      './infrastructure/flux-instance',
      owner,
    ),
    'infrastructure/flux-instance/fluxinstance.yaml': instance(spec),
  };
}

const carried = {
  patches: [
    {
      target: { kind: 'Kustomization' },
      patch: stringify([
        { op: 'add', path: '/spec/decryption', value: { provider: 'sops' } },
        { op: 'add', path: '/spec/postBuild', value: { substitute: { a: 'b' } } },
      ]),
    },
  ],
};

test('an instance that keeps everything is not objected to', async () => {
  const spec = { components: controllers, sync: { ...sync, path: 'clusters/one' }, kustomize: carried };
  expect(await judged(bootstrapped(spec), config)).toEqual([]);
});

test('a sync whose root is not patched loses decryption and substitution', async () => {
  const hazards = await judged(bootstrapped({ sync: { ...sync, path: './clusters/one/' } }), config);
  expect(hazards.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
    'refuse sync-loses-decryption',
    'refuse sync-loses-substitution',
  ]);
  expect(hazards[0]?.where?.file).toBe('infrastructure/flux-instance/fluxinstance.yaml');
});

test('a patch on another kind carries nothing', async () => {
  const patches = carried.patches.map((patch) => ({ ...patch, target: { kind: 'Deployment' } }));
  const spec = { sync: { ...sync, path: 'clusters/one' }, kustomize: { patches } };
  expect(await judged(bootstrapped(spec), config)).toHaveLength(2);
});

test('a sync of another path would prune what the root applies', async () => {
  const spec = { sync: { ...sync, path: 'clusters/two' }, kustomize: carried };
  expect((await judged(bootstrapped(spec), config)).map(({ id }) => id)).toEqual(['sync-path-differs']);
});

test('controllers and network policies that it does not build are named', async () => {
  const spec = { components: controllers.slice(0, 3), cluster: { networkPolicy: false } };
  const hazards = await judged(bootstrapped(spec), config);
  expect(hazards.map(({ id }) => id)).toEqual(['component-not-built', 'network-policy-not-built']);
  expect(hazards[0]?.what).toContain('notification-controller');
});

test('a Kustomization that prunes it is refused, unless the instance is disabled', async () => {
  const files = bootstrapped({}, { prune: true });
  expect((await judged(files, config)).map(({ id, severity }) => `${severity} ${id}`)).toEqual([
    'refuse instance-prunable',
  ]);
  const disabled = instance({}, { 'fluxcd.controlplane.io/reconcile': 'disabled' });
  const file = 'infrastructure/flux-instance/fluxinstance.yaml';
  expect(await judged({ ...files, [file]: disabled }, config)).toEqual([]);
});

test('a sync beside the root of a self-managed install is refused, also in the values of the chart', async () => {
  const path = `${homeFolder}/flux`;
  const file = `${homeFolder}/apps/flux-system/flux-instance/instance.yaml`;
  const plain = await judged({ ...fixture('home'), [file]: instance({ sync: { ...sync, path } }) });
  expect(plain.map(({ id }) => id)).toContain('sync-beside-root');
  const release = stringify({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'flux-instance', namespace: 'flux-system' },
    spec: { values: { instance: { sync: { ...sync, path } } } },
  });
  const chart = await judged({ ...fixture('home'), [file]: release });
  expect(chart.map(({ id }) => id)).toContain('sync-beside-root');
});
