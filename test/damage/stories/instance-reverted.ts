/** The commit that added the FluxInstance is taken back with `git revert`. */
import { expect } from 'vitest';
import { lost } from '../losses.ts';
import { instanceApp, operatorApp, plainInstance } from '../naive-apps.ts';
import { controllers, fluxDefinitions, type Story } from '../story.ts';

export const instanceReverted: Story = {
  title: 'the commit that added the FluxInstance is reverted with git revert',
  shape: 'self-managed',
  async prepare(stage) {
    await stage.push('feat(flux): install Flux Operator', {
      ...operatorApp(stage.layout),
      ...(await stage.listed('./flux-operator/ks.yaml')),
    });
    await stage.push('feat(flux): let Flux Operator manage Flux', {
      ...instanceApp(stage.layout, plainInstance(false)),
      ...(await stage.listed('./flux-instance/ks.yaml')),
    });
    await stage.adopted();
  },
  step: (stage) => stage.revert(stage.commits.at(-1) ?? ''),
  within: 180,
  damage(losses) {
    expect(lost(losses, 'fluxinstances')).toEqual(['flux-system/flux']);
    expect(lost(losses, 'deployments')).toEqual(expect.arrayContaining(controllers));
    expect(lost(losses, 'customresourcedefinitions', 'deleted')).toEqual(fluxDefinitions);
    for (const name of ['cluster', 'cluster-apps', 'flux', 'echo', 'notes'])
      expect(lost(losses, 'kustomizations', 'deleted')).toContain(`flux-system/${name}`);
    expect(lost(losses, 'helmreleases', 'deleted')).toContain('default/welcome');
    return [];
  },
  refusedAs: { plan: ['instance-prunable'], commits: ['collects-unplanned'] },
};
