/** The Kustomization that installs Flux leaves Git while it prunes. */
import { expect } from 'vitest';
import { eventually } from '../../lab/kubectl.ts';
import { lost } from '../losses.ts';
import type { Stage } from '../stage.ts';
import { controllers, type Story } from '../story.ts';

const folder = 'kubernetes/edge/flux/config';

async function removeOwner(stage: Stage): Promise<number> {
  const list = await stage.file(`${folder}/kustomization.yaml`);
  return stage.push('chore(flux): remove the old install', {
    [`${folder}/flux.yaml`]: null,
    [`${folder}/kustomization.yaml`]: list.replace(/^ *- \.\/flux\.yaml\n/m, ''),
  });
}

const damage: Story['damage'] = (losses) => {
  expect(lost(losses, 'deployments'), 'Deployments of Flux').toEqual(controllers);
  expect(lost(losses, 'kustomizations'), 'the owner itself').toContain('flux-system/flux');
  return ['nothing is left that reconciles this cluster'];
};

export const ownerRemoved: Story = {
  title: 'the Kustomization that installs Flux is removed from Git while it prunes',
  shape: 'self-managed',
  prepare: async () => undefined,
  step: removeOwner,
  within: 60,
  damage,
  refusedAs: { plan: [], commits: ['collects-unplanned'] },
};

export const repairedTooSoon: Story = {
  title: 'and Flux is installed again to repair that',
  shape: 'self-managed',
  async prepare(stage) {
    await removeOwner(stage);
    await eventually('the controllers gone', 60, async () => {
      const left = await stage.kubectl.run('get', 'deployments', '-n', 'flux-system', '-o', 'name');
      return left === '' ? true : undefined;
    });
  },
  step: (stage) => stage.installFlux(),
  within: 120,
  damage(losses) {
    expect(lost(losses, 'serviceaccounts'), 'what the pruning had not come to').not.toEqual([]);
    return ['the Kustomization flux goes on with its deletion as soon as a controller runs again'];
  },
  refusedAs: { plan: [], commits: ['collects-unplanned'] },
};

const everyChildPrunes = `  patches:
    # every Kustomization prunes, whatever it says itself
    - patch: |-
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: not-used
        spec:
          prune: true
          deletionPolicy: MirrorPrune
      target:
        group: kustomize.toolkit.fluxcd.io
        kind: Kustomization
`;

export const orphanedInVain: Story = {
  title: 'it is orphaned in Git first, but its parent patches "prune: true" back into it',
  shape: 'self-managed',
  async prepare(stage) {
    const root = await stage.file(`${folder}/cluster.yaml`);
    await stage.push('feat(flux): prune everywhere', { [`${folder}/cluster.yaml`]: root + everyChildPrunes });
    await stage.settled('the patch of the parent', async () => true);
    const owner = await stage.file(`${folder}/flux.yaml`);
    await stage.push('chore(flux): orphan the old install', {
      [`${folder}/flux.yaml`]: owner.replace(
        /^ {2}prune: true$/m,
        '  prune: false\n  deletionPolicy: Orphan',
      ),
    });
    await stage.settled('the orphaned owner', async () => true);
  },
  step: removeOwner,
  within: 60,
  damage,
  refusedAs: { plan: ['owner-patched-by-parent'], commits: ['collects-unplanned'] },
};
