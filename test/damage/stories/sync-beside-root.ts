/** A `sync` is given to the FluxInstance although another root already applies the same path. */
import { expect } from 'vitest';
import { instanceApp, instanceFile, operatorApp, plainInstance } from '../naive-apps.ts';
import { lost } from '../losses.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { ciphertexts } from '../secrets.ts';

async function adoptWithoutSync(stage: Stage): Promise<void> {
  await stage.push('feat(flux): install Flux Operator', {
    ...operatorApp(stage.layout),
    ...instanceApp(stage.layout, plainInstance(false)),
    ...(await stage.listed('./flux-operator/ks.yaml', './flux-instance/ks.yaml')),
  });
  await stage.adopted();
}

const addSync = async (stage: Stage): Promise<number> =>
  stage.push(
    'feat(flux): let the instance sync the repository',
    instanceFile(stage.layout, plainInstance(false, { sync: await stage.sync() })),
  );

/** The Kustomization that `sync` generates. */
const generated = (stage: Stage) =>
  stage.kubectl.get('kustomizations.kustomize.toolkit.fluxcd.io', 'flux-system');

async function ownerOf(stage: Stage, name: string): Promise<string | undefined> {
  const object = await stage.kubectl.get('kustomizations.kustomize.toolkit.fluxcd.io', name);
  return object?.metadata.labels?.['kustomize.toolkit.fluxcd.io/name'];
}

async function expectCiphertext(stage: Stage): Promise<string[]> {
  const found = await ciphertexts(stage.kubectl);
  expect(Object.keys(found), 'Secrets with ciphertext').toContain('flux-system/cluster-secrets');
  const root = await generated(stage);
  expect(root?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  expect(await ownerOf(stage, 'cluster-apps'), 'owner of cluster-apps').toBe('flux-system');
  return [
    `${found['flux-system/cluster-secrets']} values of Secret flux-system/cluster-secrets are ciphertext (ENC[…), and the generated Kustomization says Ready`,
    'cluster-apps now belongs to the generated Kustomization',
  ];
}

export const syncBesideRoot: Story = {
  title: 'spec.sync is added to the FluxInstance beside the existing root',
  shape: 'self-managed',
  prepare: adoptWithoutSync,
  step: addSync,
  within: 60,
  damage: (_, stage) => expectCiphertext(stage),
  refusedAs: { plan: ['sync-beside-root'], commits: [] },
};

export const syncTakenBack: Story = {
  title: 'and is taken out of the live FluxInstance again, in alarm',
  shape: 'self-managed',
  async prepare(stage) {
    await adoptWithoutSync(stage);
    await addSync(stage);
    await stage.settled(
      'the generated root',
      async () => (await ownerOf(stage, 'cluster-apps')) === 'flux-system',
    );
  },
  step: (stage) => stage.removeLiveSync(),
  within: 120,
  damage(losses) {
    expect(lost(losses, 'kustomizations')).toEqual(
      expect.arrayContaining(['flux-system/cluster', 'flux-system/cluster-apps', 'flux-system/notes']),
    );
    expect(lost(losses, 'deployments')).toEqual(expect.arrayContaining(['default/echo', 'default/notes']));
    expect(lost(losses, 'persistentvolumeclaims')).toEqual(['default/notes-data']);
    return [];
  },
  refusedAs: { plan: ['sync-beside-root'], commits: [] },
};
