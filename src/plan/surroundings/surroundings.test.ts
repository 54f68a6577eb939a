/** What stands around an install: each case adds one thing to a home lab that is planned without a refusal. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import type { HandoverConfig } from '../../config/schema.ts';
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
import { surroundingRules } from '../rules/surroundings.ts';
import type { Hazard } from '../types.ts';

const owner = `${P}/flux/config/flux.yaml`;
const namespace = `${P}/apps/flux-system/namespace.yaml`;

async function around(files: Files, config: HandoverConfig = homeConfig()): Promise<Hazard[]> {
  const plan = await makeClusterPlan({
    tree: treeOf(files),
    config,
    cluster: config.clusters[0]!,
    build: realBuild,
  });
  return plan.hazards.filter(({ id }) => id in surroundingRules);
}

async function told(files: Files, config?: HandoverConfig): Promise<string[]> {
  return (await around(files, config)).map(({ id, severity, where }) =>
    [severity, id, where ? `${where.file}:${where.line}` : ''].join(' ').trim(),
  );
}

const home = fixture('home');
const extra = (path: string, text: string): Files => ({ ...home, [path]: text });

test('a home lab as it is has nothing around it that a person must know', async () => {
  expect(await around(home)).toEqual([]);
});

describe('another tool', () => {
  const application = (path: string, destination: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: home, namespace: argocd }
spec:
  source: { repoURL: 'git@github.com:someone/home-ops.git', path: ${path} }
  destination: { namespace: ${destination} }
`;
  const file = `${P}/apps/argocd/home.yaml`;

  test('that applies the same folder, or into the namespace of the controllers, is refused', async () => {
    expect(await told(extra(file, application('kubernetes', 'default')))).toEqual([
      `refuse second-gitops-tool ${file}:1`,
    ]);
    expect(await told(extra(file, application('elsewhere', 'flux-system')))).toEqual([
      `refuse second-gitops-tool ${file}:1`,
    ]);
  });

  test('that applies something else is said', async () => {
    expect(await told(extra(file, application('elsewhere', 'default')))).toEqual([
      `warn second-gitops-tool ${file}:1`,
    ]);
  });

  test('Fleet counts as well', async () => {
    const fleet = `apiVersion: fleet.cattle.io/v1alpha1
kind: GitRepo
metadata: { name: home }
spec: { repo: 'https://github.com/someone/home-ops', paths: [kubernetes/home/apps] }
`;
    expect(await told(extra(file, fleet))).toEqual([`refuse second-gitops-tool ${file}:1`]);
  });

  test('a ResourceSet without an operator in Git is refused', async () => {
    const set = 'apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: { name: apps }\n';
    expect(await told(extra(file, set))).toEqual([`refuse operator-in-use ${file}:1`]);
  });
});

describe('API versions that Flux 2.7 no longer serves', () => {
  const release = 'apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\nmetadata: { name: old }\n';

  test('are refused where a Kustomization applies them', async () => {
    const file = `${P}/apps/default/old.yaml`;
    expect(await told(extra(file, release))).toEqual([`refuse api-not-served ${file}:1`]);
  });

  test('are a warning where none does, and nothing while they are served', async () => {
    const file = `${P}/archive/old.yaml`;
    expect(await told(extra(file, release))).toEqual([`warn api-not-served ${file}:1`]);
    expect(await told(extra(file, release.replace('v2beta1', 'v2beta2')))).toEqual([]);
  });
});

test('a controller whose objects are in use and which handover.yaml leaves out is refused', async () => {
  const file = `${P}/apps/default/policy.yaml`;
  const policy = 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\nmetadata: { name: app }\n';
  const four = '[source-controller, kustomize-controller, helm-controller, notification-controller]';
  expect(await told(extra(file, policy))).toEqual([]);
  expect(await told(extra(file, policy), homeConfig(`install: { components: ${four} }`))).toEqual([
    `refuse component-left-out ${file}:1`,
  ]);
});

test('labels of the namespace that adoption would drop are named, unless a patch carries them', async () => {
  const labelled = {
    ...home,
    [namespace]: `${home[namespace]!.trimEnd()}\n  labels:\n    pod-security.kubernetes.io/enforce: baseline\n`,
  };
  expect(await around(labelled)).toMatchObject([
    {
      id: 'namespace-marks-dropped',
      severity: 'warn',
      what: expect.stringContaining('pod-security.kubernetes.io/enforce') as string,
    },
  ]);
  const patch = `    - target: { kind: Namespace, name: flux-system }
      patch: |
        - { op: add, path: /metadata/labels/pod-security.kubernetes.io~1enforce, value: baseline }
`;
  const carried = { ...labelled, [owner]: home[owner]!.replace(/^( *)patches:\n/m, (line) => line + patch) };
  expect(carried[owner]).not.toBe(home[owner]);
  expect(await told(carried)).toEqual([]);
});

test('an image from another registry is refused, a pull secret is carried and said', async () => {
  const patches = `    - target: { kind: Deployment, name: source-controller }
      patch: |
        - { op: replace, path: /spec/template/spec/containers/0/image, value: registry.local/flux/source-controller:v1.7.4 }
        - { op: add, path: /spec/template/spec/imagePullSecrets, value: [{ name: pull }] }
`;
  const files = { ...home, [owner]: home[owner]!.replace(/^( *)patches:\n/m, (line) => line + patches) };
  const hazards = await around(files);
  expect(hazards.map(({ id, severity }) => [id, severity])).toEqual([
    ['image-patched', 'refuse'],
    ['pull-secret-patched', 'note'],
  ]);
  expect(hazards[0]?.mend).toContain('registry.local/flux');
});

describe('the source of the manifests', () => {
  test('in another registry than the instance would use is refused', async () => {
    const mirrored = replaced(
      home,
      owner,
      'oci://ghcr.io/fluxcd/flux-manifests',
      'oci://registry.local/mirror/flux-manifests',
    );
    const [hazard] = await around(mirrored);
    expect(hazard).toMatchObject({ id: 'private-registry', severity: 'refuse' });
    expect(mirrored[owner]!.split('\n')[hazard!.where!.line - 1]).toContain('registry.local');
    expect(
      await told(mirrored, homeConfig('install: { distributionRegistry: registry.local/mirror }')),
    ).toEqual([]);
  });

  test('that is verified today is a warning, since that check ends', async () => {
    const verified = replaced(home, owner, 'spec:\n', 'spec:\n  verify: { provider: cosign }\n');
    expect((await around(verified)).map(({ id, severity }) => [id, severity])).toEqual([
      ['verify-lost', 'warn'],
    ]);
  });
});

describe('the operator', () => {
  test('must carry the version that runs', async () => {
    const at = (version: string): Files => replaced(home, owner, '2.7.5', version);
    expect(await told(at('2.8.4'))).toEqual(['refuse operator-too-old']);
    expect(await told(at('2.99.0'))).toEqual(['refuse operator-too-old']);
    expect(await told(at('2.9.2'))).toEqual([]);
    expect(await told(at('2.9.2'), homeConfig('install: { operatorVersion: 0.40.0 }'))).toEqual([
      'refuse operator-too-old',
    ]);
    expect(await told(home, homeConfig('install: { operatorVersion: 0.58.0 }'))).toEqual([]);
  });

  test.each([
    'oci://registry.local:5000/charts/flux-operator:latest',
    'https://charts.example.com/flux-operator',
  ])('comes from a chart without a reference of its own, not %s', async (chart) => {
    expect(await told(home, homeConfig(`install: { operatorChart: '${chart}' }`))).toEqual([
      'refuse chart-not-pinned',
    ]);
  });

  test('may come from a registry with a port', async () => {
    expect(
      await told(
        home,
        homeConfig("install: { operatorChart: 'oci://registry.local:5000/charts/flux-operator' }"),
      ),
    ).toEqual([]);
  });
});

describe('paths', () => {
  const apps = `${P}/flux/apps.yaml`;
  const two = parseConfig(`apiVersion: flux-handover/v1
fleet: home
repository: { url: https://github.com/someone/home-ops }
clusters:
  - { name: home, branch: main, path: ${P}, context: home }
  - { name: lake, branch: main, path: kubernetes/lake, context: lake }
`);

  test('a root that reads the folder of another cluster is refused', async () => {
    const cluster = `${P}/flux/config/cluster.yaml`;
    const wrong = replaced(home, cluster, `path: ./${P}/flux`, 'path: ./kubernetes');
    expect(await told(wrong, two)).toEqual([]);
    const files = {
      ...replaced(home, apps, `./${P}/apps`, './kubernetes/lake/apps'),
      'kubernetes/lake/apps/kustomization.yaml': `resources: [../../home/apps/flux-system]\n`,
    };
    expect(await told(files, two)).toEqual([`refuse root-path-elsewhere ${apps}:2`]);
  });

  test('a placeholder is refused', async () => {
    const cluster = `${P}/flux/config/cluster.yaml`;
    const files = {
      ...home,
      [cluster]: home[cluster]!.replace(/url: \S+/, 'url: https://github.com/<your-name>/home-ops'),
    };
    expect((await told(files)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'refuse placeholder-left',
    ]);
  });
});

test('files that a template renders are named', async () => {
  const template = `templates/config/${P}/flux/apps.yaml.j2`;
  expect(await told(extra(template, '{{ x }}'))).toEqual([`warn rendered-from-template ${template}:1`]);
  expect(await told(extra('templates/other/readme.md.j2', '{{ x }}'))).toEqual([]);
});

test('a protected branch is said with the line of its rule', async () => {
  const file = '.github/settings.yml';
  const rule = (name: string): string =>
    `branches:\n  - name: ${name}\n    protection: { required_pull_request_reviews: {} }\n`;
  expect(await told(extra(file, rule('main')))).toEqual([`warn branch-protected ${file}:2`]);
  expect(await told(extra(file, rule('release')))).toEqual([]);
});
