/** Plans of a Flux that a HelmRelease of the chart flux2 installs: what is carried, what is refused by name, what leaves. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../config/load.ts';
import {
  fixture,
  homeConfig,
  homeFolder as P,
  realBuild,
  replaced,
  treeOf,
  type Files,
} from '../fixtures/index.ts';
import { makeClusterPlan, refusals } from '../make-plan.ts';
import type { ClusterPlan } from '../types.ts';

const app = `${P}/apps/flux-system/flux2`;
const release = `${app}/app/helmrelease.yaml`;

const kustomization = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux2
  namespace: flux-system
spec:
  interval: 30m
  path: ./${app}/app
  prune: true
  sourceRef:
    kind: GitRepository
    name: home-kubernetes
`;

const helmRelease = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux2
  namespace: flux-system
spec:
  interval: 1h # hourly
  chartRef:
    kind: OCIRepository
    name: flux2
  values:
    imageAutomationController:
      create: false
    imageReflectionController: { create: false }
`;

const chart = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux2
  namespace: flux-system
spec:
  interval: 1h
  url: oci://ghcr.io/fluxcd-community/charts/flux2
  ref:
    tag: 2.19.0
`;

/** The home lab with the release instead of the Kustomization `flux`. */
function repository(values = ''): Files {
  const files = fixture('home');
  const rest = Object.fromEntries(
    Object.entries(files).filter(([path]) => !/flux\/config\/flux\.yaml|bootstrap\//.test(path)),
  );
  const listed = replaced(rest, `${P}/flux/config/kustomization.yaml`, ', "./flux.yaml"', '');
  const list = `${P}/apps/flux-system/kustomization.yaml`;
  return {
    ...listed,
    [list]: `${listed[list]!.trimEnd()}\n  - ./flux2/ks.yaml\n`,
    [`${app}/ks.yaml`]: kustomization,
    [release]: helmRelease + values,
    [`${app}/app/ocirepository.yaml`]: chart,
  };
}

async function plan(files: Files, version = '2.9.2'): Promise<ClusterPlan> {
  const config = parseConfig(`apiVersion: flux-handover/v1
fleet: home
repository: { url: 'https://github.com/someone/home-ops' }
install: { distributionVersion: ${version} }
clusters:
  - { name: home, branch: main, path: ${P}, context: home }
`);
  return makeClusterPlan({ tree: treeOf(files), config, cluster: config.clusters[0]!, build: realBuild });
}

/** Refusals of the shape's own: whether the shape is offered is another question. */
async function refused(values: string): Promise<string[]> {
  const found = refusals(await plan(repository(values))).filter(({ id }) => id !== 'shape-not-offered');
  return found.map(({ id, what }) => `${id}: ${what}`);
}

function instance(made: ClusterPlan): { patch: string; target: { kind: string; name: string } }[] {
  const file = made.changes
    .find(({ phase }) => phase === 'stage')
    ?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'));
  const { spec } = parse(file?.after ?? '') as { spec: { kustomize: { patches: [] } } };
  return spec.kustomize.patches;
}

describe('a release that upgrades Flux itself', async () => {
  const made = await plan(repository());

  test('is found by its chartRef, with the controllers that its values leave', () => {
    expect(refusals(made).filter(({ id }) => id !== 'shape-not-offered')).toEqual([]);
    expect(made.legacy).toMatchObject({
      shape: 'helm',
      version: '2.9.2',
      networkPolicies: true,
      owner: { kind: 'HelmRelease', name: 'flux2', file: release, prune: true },
      ownerSource: { kind: 'OCIRepository', name: 'flux2', ref: 'chart flux2 2.19.0' },
    });
    expect(made.target.components).toEqual([
      'source-controller',
      'kustomize-controller',
      'helm-controller',
      'notification-controller',
    ]);
    expect(made.roots.map(({ name }) => name)).toEqual(['cluster', 'cluster-apps']);
  });

  test('is found in flow style as well, and asks which Flux the chart holds', async () => {
    const files = {
      ...fixture('home'),
      [`${P}/flux.yaml`]:
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux}\nspec: {chart: {spec: {chart: flux2, sourceRef: {name: fluxcd-community}}}}\n',
    };
    const config = { ...homeConfig() };
    const alone = Object.fromEntries(
      Object.entries(files).filter(([path]) => !/flux\/config|bootstrap/.test(path)),
    );
    const found = await makeClusterPlan({
      tree: treeOf(alone),
      config,
      cluster: config.clusters[0]!,
      build: realBuild,
    });
    expect(found.legacy.shape).toBe('helm');
    expect(refusals(found).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['version-floating', 'source-not-found']),
    );
  });

  test('is suspended by one added line', () => {
    const [file, ...others] = made.changes[0]!.files;
    expect(others).toEqual([]);
    expect(file!.diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line))).toEqual(['+  suspend: true']);
  });

  test('leaves a guide for the next new cluster, and no values that would bring the old Flux back', async () => {
    const stale = `${P}/bootstrap/flux/values.yaml`;
    const other = `${P}/bootstrap/talos/values.yaml`;
    const files = { ...repository(), [stale]: 'helmController: { create: true }\n', [other]: 'node: a\n' };
    const retire = (await plan(files)).changes.at(-1)!.files;
    expect(retire.filter(({ path }) => path.includes('/bootstrap/'))).toMatchObject([
      { path: `${P}/bootstrap/flux/README.md`, action: 'add' },
      { path: stale, action: 'delete' },
    ]);
    expect(retire.find(({ path }) => path.endsWith('README.md'))!.after).toContain(
      'helm install flux-operator',
    );
  });

  test('leaves with its source and its Kustomization, and with what the operator names otherwise', () => {
    const { files, collects } = made.changes.at(-1)!;
    expect(files.filter(({ action }) => action === 'delete').map(({ path }) => path)).toEqual([
      release,
      `${app}/app/ocirepository.yaml`,
      `${app}/ks.yaml`,
    ]);
    expect(collects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'HelmRelease flux2',
      'OCIRepository flux2',
      'Kustomization flux2',
      'ClusterRole crd-controller',
      'ClusterRole flux-edit',
      'ClusterRole flux-view',
      'ClusterRoleBinding cluster-reconciler',
      'ClusterRoleBinding crd-controller',
    ]);
  });

  test('keeps the chart from bringing limits that it does not have today', () => {
    expect(instance(made)).toEqual([
      {
        patch: expect.stringContaining('value:\n    requests:\n      cpu: 100m\n      memory: 64Mi\n'),
        target: {
          kind: 'Deployment',
          name: '(source-controller|kustomize-controller|helm-controller|notification-controller)',
        },
      },
    ]);
  });

  test('lets the operator take over the fields of helm-controller, which it does not by itself', () => {
    const [, operator] = made.changes;
    const file = operator!.files.find(({ path }) => path.endsWith('flux-operator/app/helmrelease.yaml'));
    expect(file!.after).toContain('- --override-manager=helm-controller');
  });
});

describe('values', () => {
  test('that shape a controller become patches of the instance', async () => {
    const made = await plan(
      repository(`    kustomizeController:
      resources: { limits: { memory: 2Gi }, requests: { cpu: null } }
      container: { additionalArgs: [--concurrent=8] }
      nodeSelector: { pool: infra }
      serviceAccount: { annotations: { eks.amazonaws.com/role-arn: 'arn:aws:iam::1:role/sops' } }
      extraEnv: [{ name: HTTPS_PROXY, value: 'http://proxy:3128' }]
`),
    );
    const patches = instance(made).map(({ patch, target }) => [target.kind, target.name, parse(patch)]);
    expect(patches).toContainEqual([
      'Deployment',
      'kustomize-controller',
      [
        {
          op: 'replace',
          path: '/spec/template/spec/containers/0/resources',
          value: { limits: { memory: '2Gi' }, requests: { memory: '64Mi' } },
        },
        { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--concurrent=8' },
      ],
    ]);
    expect(patches).toContainEqual([
      'Deployment',
      'kustomize-controller',
      expect.objectContaining({
        spec: {
          template: {
            spec: {
              nodeSelector: { pool: 'infra' },
              containers: [{ name: 'manager', env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }] }],
            },
          },
        },
      }),
    ]);
    expect(patches).toContainEqual([
      'ServiceAccount',
      'kustomize-controller',
      expect.objectContaining({
        metadata: {
          name: 'kustomize-controller',
          annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/sops' },
        },
      }),
    ]);
  });

  test('that turn the network policies off keep them off', async () => {
    const made = await plan(repository('    policies: { create: false }\n'));
    expect(made.legacy.networkPolicies).toBe(false);
  });

  test.each([
    ['    prometheus: { podMonitor: { create: true } }\n', 'prometheus.podMonitor.create'],
    ['    multitenancy: { enabled: true }\n', 'multitenancy.enabled'],
    ['    installCRDs: false\n', 'installCRDs'],
    ['    sourceController: { tag: v1.8.0 }\n', 'sourceController.tag'],
    ['    extraObjects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }]\n', 'extraObjects'],
    ['    newThing: {}\n', 'newThing'],
    ['    helmController: { newThing: 1 }\n', 'helmController.newThing'],
  ])('%j are refused by name', async (values, name) => {
    expect(await refused(values)).toEqual([
      expect.stringContaining(`helm-value-not-carried: the values of HelmRelease flux2 set ${name}:`),
    ]);
  });

  test('with images of another registry ask for it in handover.yaml', async () => {
    const images = ['source', 'kustomize', 'helm', 'notification']
      .map((name) => `    ${name}Controller: { image: harbor.example/flux/${name}-controller }\n`)
      .join('');
    expect(await refused(images)).toEqual([
      expect.stringContaining('helm-registry-differs: the images come from harbor.example/flux,'),
    ]);
  });
});

describe('refused', () => {
  test('values from elsewhere, fields that change what is rendered, and dependents', async () => {
    const files = repository(
      '  valuesFrom: [{ kind: Secret, name: flux }]\n  postRenderers: [{ kustomize: {} }]\n',
    );
    files[`${P}/apps/default.yaml`] =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: web, namespace: default }\nspec:\n  dependsOn: [{ name: flux2, namespace: flux-system }]\n';
    const ids = refusals(await plan(files)).map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'helm-values-elsewhere',
        'owner-fields-not-translatable',
        'owner-depended-upon',
      ]),
    );
  });

  test('a Flux whose Kustomizations have no deletionPolicy', async () => {
    const made = await plan(repository(), '2.4.0');
    expect(refusals(made).map(({ id }) => id)).toContain('version-too-old');
  });

  test('source and root from the chart flux2-sync', async () => {
    const files = repository();
    files[`${P}/apps/sync.yaml`] = helmRelease
      .replace('name: flux2', 'name: sync')
      .replace(/ {2}chartRef:[\s\S]*/, '  chart:\n    spec:\n      chart: flux2-sync\n');
    expect(refusals(await plan(files)).map(({ id }) => id)).toContain('helm-sync-chart');
  });

  test('a second release of the chart', async () => {
    const files = repository();
    files[`${P}/apps/again.yaml`] = helmRelease.replace(
      'name: flux2\n  namespace',
      'name: again\n  namespace',
    );
    expect(refusals(await plan(files)).map(({ id }) => id)).toContain('several-owners');
  });
});

test.each([
  ['infra/flux.tf', 'resource "helm_release" "flux" {\n  chart = "flux2"\n}\n', 'Terraform'],
  ['ansible/flux.yml', '- kubernetes.core.helm:\n    chart_ref: fluxcd-community/flux2\n', 'Ansible'],
  ['helmfile.yaml', 'releases:\n  - name: flux2\n    chart: fluxcd-community/flux2\n', 'helmfile'],
  ['bootstrap.sh', '#!/bin/sh\nhelm upgrade --install flux2 fluxcd-community/flux2\n', 'helm'],
])('what else can install the chart is named: %s', async (path, text, tool) => {
  const made = await plan({ ...repository(), [path]: text });
  const [found] = made.hazards.filter(({ id }) => id === 'helm-outside-git');
  expect(found).toMatchObject({ severity: 'warn', where: { file: path } });
  expect(found!.what).toContain(tool);
});

test('a chart that only a tool outside Flux installs is refused by its name', async () => {
  const alone = Object.fromEntries(
    Object.entries(fixture('home')).filter(([path]) => !/flux\/config\/flux|bootstrap/.test(path)),
  );
  const made = await plan({
    ...replaced(alone, `${P}/flux/config/kustomization.yaml`, ', "./flux.yaml"', ''),
    'helmfile.yaml': 'releases:\n  - name: flux2\n    chart: fluxcd-community/flux2\n',
  });
  expect(made.legacy.shape).toBe('helm');
  expect(refusals(made)).toContainEqual(
    expect.objectContaining({ id: 'helm-outside-git', where: { file: 'helmfile.yaml', line: 3 } }),
  );
});
