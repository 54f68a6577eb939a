/** Three ways to get the move of a `flux bootstrap` install wrong. */
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { filesAt } from '../../lab/person.ts';
import { lost } from '../losses.ts';
import { everyController, instanceApp, operatorApp, plainInstance } from '../naive-apps.ts';
import { ciphertexts } from '../secrets.ts';
import type { Stage } from '../stage.ts';
import { controllers, type Story } from '../story.ts';

async function installOperator(stage: Stage): Promise<void> {
  await stage.push('feat(flux): install Flux Operator', operatorApp(stage.layout));
  await stage.settled('Flux Operator', async () => true);
}

/** The instance as it should be: the sync that is there today, with what it does not render itself patched in. */
async function carefulInstance(stage: Stage, more: object = {}): Promise<object> {
  const root = await stage.kubectl.get('kustomizations.kustomize.toolkit.fluxcd.io', stage.layout.root);
  const operations = ['decryption', 'postBuild']
    .filter((key) => root?.spec[key] !== undefined)
    .map((key) => ({ op: 'add', path: `/spec/${key}`, value: root?.spec[key] as unknown }));
  const patches = [{ target: { kind: 'Kustomization', name: 'flux-system' }, patch: stringify(operations) }];
  return { ...plainInstance(true, { sync: await stage.sync(), kustomize: { patches } }), ...more };
}

/** Everything that `flux bootstrap` wrote. */
async function withoutBootstrap(stage: Stage): Promise<Record<string, null>> {
  const written = (await filesAt(stage.lab, 'edge')).filter((file) =>
    file.startsWith(`${stage.layout.path}/flux-system/`),
  );
  expect(written.some((file) => file.endsWith('/gotk-components.yaml'))).toBe(true);
  return Object.fromEntries(written.filter((file) => file.endsWith('.yaml')).map((file) => [file, null]));
}

export const partsNotBuilt: Story = {
  title:
    'the FluxInstance builds neither notification-controller nor the network policies, then gotk-* is removed',
  shape: 'flux-bootstrap',
  async prepare(stage) {
    await installOperator(stage);
    const smaller = await carefulInstance(stage, {
      components: everyController.filter((name) => name !== 'notification-controller'),
      cluster: { type: 'kubernetes', networkPolicy: false },
    });
    await stage.push('feat(flux): let Flux Operator manage Flux', instanceApp(stage.layout, smaller));
    await stage.adopted();
  },
  step: async (stage) => stage.push('chore(flux): remove the bootstrap', await withoutBootstrap(stage)),
  within: 60,
  damage(losses) {
    expect(lost(losses, 'deployments')).toEqual(['flux-system/notification-controller']);
    expect(lost(losses, 'networkpolicies')).toEqual(
      ['allow-egress', 'allow-scraping', 'allow-webhooks'].map((name) => `flux-system/${name}`),
    );
    expect(lost(losses, 'customresourcedefinitions')).toEqual(
      ['alerts', 'providers', 'receivers'].map((name) => `${name}.notification.toolkit.fluxcd.io`),
    );
    return [];
  },
  refusedAs: { plan: ['component-not-built', 'network-policy-not-built'], commits: ['collects-unplanned'] },
};

export const decryptionLost: Story = {
  title: 'the FluxInstance takes the root over without its decryption and substitution',
  shape: 'flux-bootstrap',
  async prepare(stage) {
    // A variable where the API server expects a duration would give the loss away: the apply would fail.
    const files = ['apps', 'infrastructure'].map((name) => `${stage.layout.path}/${name}.yaml`);
    const contents = await Promise.all(files.map((file) => stage.file(file)));
    const plain = contents.map((text) => text.replace(/\$\{SYNC_INTERVAL:=(\w+)\}/, '$1'));
    await stage.push(
      'chore: plain intervals',
      Object.fromEntries(files.map((file, at) => [file, plain[at] ?? ''])),
    );
    await installOperator(stage);
  },
  step: async (stage) =>
    stage.push(
      'feat(flux): let Flux Operator manage Flux',
      instanceApp(stage.layout, plainInstance(true, { sync: await stage.sync() })),
    ),
  within: 90,
  async damage(_, stage) {
    const secrets = await ciphertexts(stage.kubectl);
    expect(Object.keys(secrets).length, 'Secrets with ciphertext').toBeGreaterThan(0);
    const maps = (await stage.kubectl.list('configmaps')).filter(({ metadata, data }) => {
      const owner = metadata.labels?.['kustomize.toolkit.fluxcd.io/name'];
      return owner === stage.layout.root && /\$\{[A-Z_]+/.test(JSON.stringify(data ?? {}));
    });
    expect(maps.length, 'ConfigMaps with unsubstituted variables').toBeGreaterThan(0);
    const root = await stage.kubectl.get('kustomizations.kustomize.toolkit.fluxcd.io', stage.layout.root);
    expect(root?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    return [
      ...Object.entries(secrets).map(
        ([name, count]) => `${count} values of Secret ${name} are ciphertext (ENC[…)`,
      ),
      ...maps.map(
        ({ metadata }) =>
          `ConfigMap ${metadata.namespace}/${metadata.name} holds variables (\${…}) that nobody fills in`,
      ),
      `Kustomization ${stage.layout.root} says Ready`,
    ];
  },
  refusedAs: { plan: ['sync-loses-decryption', 'sync-loses-substitution'], commits: [] },
};

export const adoptedAndRetiredAtOnce: Story = {
  title: 'one commit adds the FluxInstance and removes gotk-*',
  shape: 'flux-bootstrap',
  prepare: installOperator,
  step: async (stage) =>
    stage.push('feat(flux): move to Flux Operator', {
      ...instanceApp(stage.layout, await carefulInstance(stage)),
      ...(await withoutBootstrap(stage)),
    }),
  within: 60,
  damage(losses) {
    expect(lost(losses, 'deployments')).toEqual(expect.arrayContaining(controllers));
    expect(lost(losses, 'gitrepositories')).toContain('flux-system/flux-system');
    expect(lost(losses, 'kustomizations')).toContain('flux-system/flux-system');
    return ['nothing is left that reconciles this cluster'];
  },
  refusedAs: { plan: [], commits: ['collects-unplanned'] },
};
