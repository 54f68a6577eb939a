/** Shapes that are not planned, or not as they look: told apart, and refused with what was found. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  bootstrapped,
  bootstrappedConfig,
  gotkComponents,
  gotkFolder as G,
} from '../fixtures/bootstrapped.ts';
import {
  fixture,
  homeConfig,
  homeFolder as P,
  realBuild,
  replaced,
  treeOf,
  type Files,
} from '../fixtures/index.ts';
import { coreComponents } from '../flux-objects.ts';
import { makeClusterPlan, refusals } from '../make-plan.ts';
import type { ClusterPlan } from '../types.ts';

function plan(files: Files): Promise<ClusterPlan> {
  const config =
    files[`${G}/kustomization.yaml`] || files['clusters/prod/x.yaml'] ? bootstrappedConfig() : homeConfig();
  return makeClusterPlan({ tree: treeOf(files), config, cluster: config.clusters[0]!, build: realBuild });
}

async function said(files: Files, id: string): Promise<string> {
  const { hazards } = await plan(files);
  const hazard = hazards.find((one) => one.id === id);
  return `${hazard?.severity} ${hazard?.where?.file ?? ''}: ${hazard?.what} | ${hazard?.mend}`;
}

const instance = (annotations = ''): string =>
  `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\n${annotations}spec:\n  distribution: { version: 2.7.5, registry: ghcr.io/fluxcd }\n  components: [${coreComponents.join(', ')}]\n`;
const disabled = '  annotations:\n    fluxcd.controlplane.io/reconcile: disabled\n';
const operator =
  'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: flux-operator, namespace: flux-system}\nspec: {url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator}\n';

describe('Flux Operator is there', () => {
  const moved: Files = { 'clusters/prod/x.yaml': operator, 'clusters/prod/instance.yaml': instance() };

  test('alone: nothing to do, and that is no refusal', async () => {
    const made = await plan(moved);
    expect(refusals(made)).toEqual([]);
    expect(made.hazards.map(({ id, severity }) => `${severity} ${id}`)).toContain('note nothing-to-do');
    expect(made.legacy).toMatchObject({ shape: 'operator', version: '2.7.5', components: coreComponents });
    expect(made.changes).toEqual([]);
  });

  test('alone with the instance disabled: nobody runs the controllers', async () => {
    expect(
      await said({ ...moved, 'clusters/prod/instance.yaml': instance(disabled) }, 'half-done'),
    ).toContain('reconciliation disabled');
  });

  test.each([
    ['operator', { 'clusters/prod/operator.yaml': operator }, 'as far as the phase operator'],
    ['stage', { 'clusters/prod/instance.yaml': instance(disabled) }, 'as far as the phase stage'],
    ['adopt', { 'clusters/prod/instance.yaml': instance() }, 'as far as the phase adopt'],
  ])('beside gotk-components.yaml: it says how far the move has come (%s)', async (_phase, files, words) => {
    const told = await said({ ...bootstrapped(), ...files }, 'half-done');
    expect(told).toContain(words);
    expect(told).toContain('gotk-components.yaml');
  });

  test('beside a Kustomization that owns Flux: how to finish without losing it', async () => {
    const files = { ...fixture('home'), [`${P}/apps/instance.yaml`]: instance() };
    expect(await said(files, 'half-done')).toContain(
      'prune: false, deletionPolicy: Orphan and suspend: true',
    );
    expect(refusals(await plan(files)).map(({ id }) => id)).toContain('instance-exists');
  });

  test('a sync file that the move left is no half-done move', async () => {
    const files: Files = { ...bootstrapped(), 'clusters/prod/instance.yaml': instance() };
    delete files[`${G}/gotk-components.yaml`];
    expect((await plan(files)).hazards.map(({ id }) => id)).toContain('nothing-to-do');
  });
});

describe('Terraform', () => {
  const block = (path: string): string => `resource "flux_bootstrap_git" "this" {\n  path = ${path}\n}\n`;
  test.each([
    ['for this path', block('"clusters/prod"')],
    ['for a path that is not written out', block('"clusters/${var.name}"')],
  ])('is refused with the command that takes it out of the state, %s', async (_name, source) => {
    const told = await said({ ...bootstrapped(), 'terraform/main.tf': source }, 'terraform-owns-flux');
    expect(told).toContain("terraform state rm 'flux_bootstrap_git.this'");
  });

  test('for another cluster is nothing to this one', async () => {
    const made = await plan({ ...bootstrapped(), 'terraform/main.tf': block('"clusters/dev"') });
    expect(made.hazards.map(({ id }) => id)).not.toContain('terraform-owns-flux');
  });
});

describe('controllers as plain YAML', () => {
  test('are planned like those of flux bootstrap, whatever the file is called', async () => {
    const files = Object.fromEntries(
      Object.entries(bootstrapped()).map(([path, text]) => [
        path.replace('gotk-components', 'flux').replace('gotk-sync', 'sync'),
        text.replaceAll('gotk-components', 'flux').replaceAll('gotk-sync', 'sync'),
      ]),
    );
    const made = await plan(files);
    expect(made.legacy.shape).toBe('flux-bootstrap');
    expect(made.changes.at(-1)?.files.map(({ path }) => path)).toContain(`${G}/flux.yaml`);
  });

  test('are refused where helm template wrote them', async () => {
    const text = gotkComponents(coreComponents).replace(
      '  name: flux-system\n',
      '  name: flux-system\n  labels:\n    helm.sh/chart: flux2-2.16.0\n',
    );
    const told = await said({ 'clusters/prod/x.yaml': text.replace(/^# .*\n/gm, '') }, 'rendered-by-helm');
    expect(told).toContain('clusters/prod/x.yaml');
  });

  test('of something else that has a helm-controller are not taken for Flux', async () => {
    const text = gotkComponents(['helm-controller']).replaceAll('ghcr.io/fluxcd', 'rancher');
    expect((await plan({ 'clusters/prod/x.yaml': text })).legacy.shape).toBe('none');
  });
});

test('where nothing is found it says what was looked for, and where there is Flux instead', async () => {
  const told = await said(
    { 'clusters/prod/x.yaml': 'a: 1\n', 'clusters/edge/gotk-sync.yaml': 'a: 1\n' },
    'shape-not-offered',
  );
  expect(told).toContain('flux_bootstrap_git');
  expect(told).toContain('there is Flux in clusters/edge/gotk-sync.yaml');
});

test('two installs beside each other are refused, a bootstrap folder beside an owner is not', async () => {
  const home = fixture('home');
  const both = {
    ...home,
    [`${P}/flux/flux-system/gotk-components.yaml`]: gotkComponents(coreComponents),
  };
  expect(await said(both, 'two-installs')).toMatch(/Kustomization flux .* and by .*gotk-components\.yaml/);
  expect((await plan(home)).hazards.map(({ id }) => id)).not.toContain('two-installs');
});

test('a root whose path is not there is said at its path, and nothing else', async () => {
  const files = replaced(
    bootstrapped(),
    `${G}/gotk-sync.yaml`,
    'path: ./clusters/prod',
    'path: ./clusters/prd',
  );
  const { hazards } = await plan(files);
  expect(hazards.filter(({ severity }) => severity === 'refuse').map(({ id }) => id)).toContain(
    'root-path-missing',
  );
  expect(hazards.map(({ id }) => id)).not.toContain('root-not-found');
});

describe('an owner whose folder is in this very repository', () => {
  const folder = `${P}/flux/install`;
  const home = fixture('home');
  const owner = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux
  namespace: flux-system
spec:
  interval: 10m
  path: ./kubernetes/home/install
  prune: true
  sourceRef:
    kind: GitRepository
    name: home-kubernetes
  patches:
    - target: { kind: Deployment, name: helm-controller }
      patch: '[{"op": "add", "path": "/spec/replicas", "value": 1}]'
`;
  const install = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - https://github.com/fluxcd/flux2/releases/download/v2.8.6/install.yaml
patches:
  - target: { kind: Deployment, name: source-controller }
    patch: '[{"op": "add", "path": "/spec/replicas", "value": 1}]'
`;
  const files: Files = {
    ...home,
    [`${P}/flux/config/flux.yaml`]: owner,
    [`${P}/install/kustomization.yaml`]: install,
  };
  delete files[`${P}/bootstrap/flux/kustomization.yaml`];
  delete files[`${P}/bootstrap/flux/github-deploy-key.sops.yaml`];

  test('is self-managed: orphaned first, removed last, its source stays, both sets of patches are carried', async () => {
    const made = await plan(files);
    expect(refusals(made)).toEqual([]);
    expect(made.legacy).toMatchObject({ shape: 'self-managed', version: '2.8.6', ownerSource: null });
    expect(made.changes.map(({ phase }) => phase)).toEqual([
      'orphan',
      'operator',
      'stage',
      'adopt',
      'retire',
    ]);
    expect(made.changes.at(-1)?.collects.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'Kustomization/flux',
    ]);
    const staged = made.changes[2]?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'))?.after ?? '';
    const { spec } = parse(staged) as { spec: { kustomize: { patches: { target: { name: string } }[] } } };
    expect(spec.kustomize.patches.map(({ target }) => target.name)).toEqual([
      'source-controller',
      'helm-controller',
    ]);
  });

  test('is refused where it applies other things, too', async () => {
    const mixed = {
      ...replaced(files, `${P}/install/kustomization.yaml`, 'resources:\n', 'resources:\n  - quota.yaml\n'),
      [`${P}/install/quota.yaml`]: 'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\n',
    };
    expect(await said(mixed, 'install-in-root')).toContain('quota.yaml');
  });

  test('is refused where the root itself applies it', async () => {
    const inRoot: Files = {
      ...files,
      [`${folder}/kustomization.yaml`]: install,
      [`${P}/flux/config/kustomization.yaml`]: 'resources: ["./cluster.yaml"]\n',
    };
    delete inRoot[`${P}/install/kustomization.yaml`];
    delete inRoot[`${P}/flux/config/flux.yaml`];
    expect(await said(inRoot, 'install-in-root')).toContain('cluster');
  });
});
