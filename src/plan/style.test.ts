/** New apps look like their neighbours: where their files go, and how they are written. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fixture, homeConfig, homeFolder as P, realBuild, treeOf, type Files } from './fixtures/index.ts';
import { makeClusterPlan } from './make-plan.ts';

const list = `${P}/apps/flux-system/kustomization.yaml`;
const alerts = `${P}/apps/flux-system/alerts/ks.yaml`;

/** Files of the phase that installs the operator, their paths below Flux's apps. */
async function operator(files: Files): Promise<Record<string, string>> {
  const config = homeConfig();
  const made = await makeClusterPlan({
    tree: treeOf(files),
    config,
    cluster: config.clusters[0]!,
    build: realBuild,
  });
  const change = made.changes.find(({ phase }) => phase === 'operator');
  return Object.fromEntries(
    (change?.files ?? []).map(({ path, after }) => [path.replace(`${P}/apps/flux-system/`, ''), after ?? '']),
  );
}

/** The apps of the home lab in another layout. */
function moved(entry: (app: string) => string, file: (app: string) => string, extra: Files = {}): Files {
  const files = fixture('home');
  const result: Files = { ...files, ...extra };
  for (const app of ['alerts', 'webhooks']) {
    const from = `${P}/apps/flux-system/${app}/ks.yaml`;
    delete result[from];
    result[`${P}/apps/flux-system/${file(app)}`] = files[from]!;
  }
  result[list] =
    `---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ./namespace.yaml\n  - ./${entry('alerts')}\n  - ./${entry('webhooks')}\n`;
  return result;
}

test('flat: one file for each Kustomization, the contents in the folder of the same name', async () => {
  const files = await operator(
    moved(
      (app) => `${app}.yaml`,
      (app) => `${app}.yaml`,
    ),
  );
  expect(Object.keys(files)).toEqual([
    'flux-operator.yaml',
    'flux-operator/app/helmrelease.yaml',
    'flux-operator/app/kustomization.yaml',
    'flux-operator/app/ocirepository.yaml',
    'kustomization.yaml',
  ]);
  expect((parse(files['kustomization.yaml']!) as { resources: string[] }).resources).toEqual([
    './namespace.yaml',
    './alerts.yaml',
    './flux-operator.yaml',
    './webhooks.yaml',
  ]);
});

test('another name for the file of the Kustomization is followed', async () => {
  const files = await operator(
    moved(
      (app) => `${app}/flux.yaml`,
      (app) => `${app}/flux.yaml`,
    ),
  );
  expect(Object.keys(files)).toContain('flux-operator/flux.yaml');
  expect(files['kustomization.yaml']).toContain('./flux-operator/flux.yaml');
});

test('folders with a list of their own get one, too', async () => {
  const own = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ./ks.yaml\n';
  const files = await operator(
    moved(
      (app) => app,
      (app) => `${app}/ks.yaml`,
      Object.fromEntries(
        ['alerts', 'webhooks'].map((app) => [`${P}/apps/flux-system/${app}/kustomization.yaml`, own]),
      ),
    ),
  );
  expect(parse(files['flux-operator/kustomization.yaml']!) as object).toMatchObject({
    resources: ['./ks.yaml'],
  });
  expect(files['kustomization.yaml']).toContain('  - ./alerts\n  - ./flux-operator\n  - ./webhooks\n');
});

test('indentation by four and quotes are followed', async () => {
  const neighbour = `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
    name: "alerts"
    namespace: "flux-system"
spec:
    interval: "15m"
    path: "./kubernetes/home/apps/flux-system/alerts/app"
    prune: true
    sourceRef:
        kind: "GitRepository"
        name: "home-kubernetes"
`;
  const files = await operator({
    ...fixture('home'),
    [list]: fixture('home')[list]!.replace(/- (\.\/.*)/g, '- "$1"'),
    [alerts]: neighbour,
  });
  expect(files['flux-operator/ks.yaml']).toContain(
    'metadata:\n    name: "flux-operator"\n    namespace: "flux-system"\nspec:\n    interval: "15m"\n    path: "./kubernetes/home/apps/flux-system/flux-operator/app"\n    prune: false\n',
  );
  expect(files['flux-operator/ks.yaml']).toContain('    sourceRef:\n        kind: "GitRepository"\n');
  expect(files['flux-operator/app/helmrelease.yaml']).toContain('spec:\n    interval: "1h"\n');
  expect(files['kustomization.yaml']).toContain('  - "./flux-operator/ks.yaml"\n');
});

test('an instance in another indentation means the same', async () => {
  const neighbour = fixture('home')[alerts]!.replace(/^( +)/gm, (spaces) => spaces.repeat(2));
  const config = homeConfig();
  const specs = await Promise.all(
    [fixture('home'), { ...fixture('home'), [alerts]: neighbour }].map(async (files) => {
      const made = await makeClusterPlan({
        tree: treeOf(files),
        config,
        cluster: config.clusters[0]!,
        build: realBuild,
      });
      const staged = made.changes
        .find(({ phase }) => phase === 'stage')
        ?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'));
      return staged?.after ?? '';
    }),
  );
  expect(parse(specs[1]!)).toEqual(parse(specs[0]!));
  expect(specs[1]).toContain('\n    distribution:\n        version:');
});
