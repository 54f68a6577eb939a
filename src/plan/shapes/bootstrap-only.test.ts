/** Plans of clusters whose controllers were applied once from a bootstrap folder. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  fixture,
  homeConfig,
  homeFolder as P,
  realBuild,
  replaced,
  treeOf,
  type Files,
} from '../fixtures/index.ts';
import { makeClusterPlan } from '../make-plan.ts';
import type { ClusterPlan } from '../types.ts';

const bootstrap = `${P}/bootstrap/flux/kustomization.yaml`;

/** The home lab without the Kustomization that syncs Flux itself. */
function home(patches = ''): Files {
  const files = replaced(fixture('home'), `${P}/flux/config/kustomization.yaml`, ', "./flux.yaml"', '');
  delete files[`${P}/flux/config/flux.yaml`];
  return { ...files, [bootstrap]: `${files[bootstrap]}${patches}` };
}

function plan(files: Files, extra = ''): Promise<ClusterPlan> {
  const config = homeConfig(extra);
  return makeClusterPlan({ tree: treeOf(files), config, cluster: config.clusters[0]!, build: realBuild });
}

/** Refusals beside the one that says that nobody has proven the shape yet. */
async function refused(files: Files, extra?: string): Promise<string[]> {
  const { hazards } = await plan(files, extra);
  return hazards
    .filter(({ severity, id }) => severity === 'refuse' && id !== 'shape-not-offered')
    .map(({ id }) => id);
}

const renames = [
  'ResourceQuota critical-pods',
  'ClusterRoleBinding cluster-reconciler',
  'ClusterRoleBinding crd-controller',
  'ClusterRole crd-controller',
  'ClusterRole flux-edit',
  'ClusterRole flux-view',
]
  .map((object) => object.split(' '))
  .map(
    ([kind, name]) => `  - target: { kind: ${kind}, name: ${name} }
    patch: |
      - op: replace
        path: /metadata/name
        value: ${name}-flux-system
`,
  )
  .join('');

const patches = `patches:
  # the network has policies of its own
  - patch: |
      $patch: delete
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: not-used
    target:
      group: networking.k8s.io
      kind: NetworkPolicy
  - patch: |
      $patch: delete
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: image-automation-controller
    target:
      kind: Deployment
      name: image-automation-controller
  # more workers
  - path: ./workers.yaml
    target:
      kind: Deployment
      name: kustomize-controller
${renames}`;

test('operator, stage, adopt and retire; the owner is nobody, and nothing is collected', async () => {
  const made = await plan(home());
  expect(made.legacy).toMatchObject({
    shape: 'bootstrap-only',
    version: '2.7.5',
    owner: null,
    networkPolicies: true,
  });
  expect(made.changes.map(({ phase, collects }) => [phase, collects])).toEqual([
    ['operator', []],
    ['stage', []],
    ['adopt', []],
    ['retire', []],
  ]);
  expect(made.changes.at(-1)?.files.map(({ path }) => path)).toEqual([
    `${P}/bootstrap/flux/README.md`,
    bootstrap,
  ]);
  expect(made.legacy.components).toEqual([
    'source-controller',
    'kustomize-controller',
    'helm-controller',
    'notification-controller',
    'image-reflector-controller',
    'image-automation-controller',
  ]);
});

test('patches are carried, renames are not, deletions become settings', async () => {
  const files = {
    ...home(patches),
    [`${P}/bootstrap/flux/workers.yaml`]:
      '- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --concurrent=20\n',
  };
  expect(await refused(files)).toEqual([]);
  const made = await plan(files);
  const text = made.changes[1]?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'))?.after ?? '';
  const { spec } = parse(text) as { spec: Record<string, unknown> };
  expect(spec['cluster']).toEqual({ type: 'kubernetes', networkPolicy: false });
  expect(spec['components']).not.toContain('image-automation-controller');
  expect(spec['kustomize']).toEqual({
    patches: [
      {
        patch: '- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --concurrent=20\n',
        target: { kind: 'Deployment', name: 'kustomize-controller' },
      },
    ],
  });
  expect(text).toContain('# more workers');
  expect(made.hazards.map(({ id }) => id)).not.toContain('names-without-suffix');
});

test('objects that keep their upstream name are named, for they stay behind', async () => {
  const { hazards } = await plan(home());
  expect(hazards.find(({ id }) => id === 'names-without-suffix')?.mend).toContain(
    'clusterrolebinding/cluster-reconciler',
  );
});

test.each([
  [
    'an older field for patches',
    'patchesStrategicMerge:\n  - |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: helm-controller\n    spec:\n      replicas: 1\n',
    'helm-controller',
  ],
  [
    'an older field for JSON patches',
    'patchesJson6902:\n  - target: { group: apps, version: v1, kind: Deployment, name: source-controller }\n    patch: \'[{"op": "add", "path": "/spec/replicas", "value": 1}]\'\n',
    'source-controller',
  ],
])('%s is read, too', async (_name, extra, name) => {
  const files = home(extra);
  expect(await refused(files)).toEqual([]);
  const made = await plan(files);
  const text = made.changes[1]?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'))?.after ?? '';
  expect(
    (parse(text) as { spec: { kustomize: { patches: object[] } } }).spec.kustomize.patches,
  ).toMatchObject([{ target: { kind: 'Deployment', name } }]);
});

test.each([
  [
    '2.9.0 holds source-watcher, too',
    'https://github.com/fluxcd/flux2/releases/download/v2.9.0/install.yaml',
    7,
  ],
  ['2.8.6 does not', 'https://github.com/fluxcd/flux2//manifests/install?timeout=120s&ref=v2.8.6', 6],
])('%s', async (_name, entry, count) => {
  const made = await plan(
    replaced(home(), bootstrap, 'github.com/fluxcd/flux2/manifests/install?ref=v2.7.5', entry),
  );
  expect(made.target.components).toHaveLength(count);
});

test.each([
  [
    'the newest release',
    'version-floating',
    replaced(
      home(),
      bootstrap,
      'github.com/fluxcd/flux2/manifests/install?ref=v2.7.5',
      'https://github.com/fluxcd/flux2/releases/latest/download/install.yaml',
    ),
  ],
  [
    'another name than the operator gives',
    'patches-not-translatable',
    home(
      'patches:\n  - target: { kind: ClusterRole, name: flux-view }\n    patch: "[{ op: replace, path: /metadata/name, value: view }]"\n',
    ),
  ],
  [
    'labels for everything',
    'install-fields-not-translatable',
    home('labels:\n  - pairs: { team: platform }\n'),
  ],
  [
    'another registry',
    'images-differ',
    home(
      'images:\n  - name: ghcr.io/fluxcd/source-controller\n    newName: registry.example.com/fluxcd/source-controller\n',
    ),
  ],
  [
    'another tag',
    'images-differ',
    home('images:\n  - name: ghcr.io/fluxcd/source-controller\n    newTag: v1.0.0\n'),
  ],
  [
    'a second bootstrap folder',
    'several-bootstraps',
    { ...home(), [`${P}/old/kustomization.yaml`]: home()[bootstrap]! },
  ],
])('refused: %s', async (_name, id, files) => {
  expect(await refused(files)).toContain(id);
});

test('a registry that handover.yaml names, too, is taken', async () => {
  const files = home(
    'images:\n  - name: ghcr.io/fluxcd/source-controller\n    newName: registry.example.com/fluxcd/source-controller\n',
  );
  expect(await refused(files, 'install: { distributionRegistry: registry.example.com/fluxcd }')).toEqual([]);
});
