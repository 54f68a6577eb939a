import { describe, expect, test } from 'vitest';
import { byHand, type HandWork } from './by-hand.ts';
import { phasesOf } from './phases.ts';

const work: HandWork = {
  shape: 'self-managed',
  cluster: 'edge',
  context: 'edge-admin',
  kubeconfig: '/etc/edge.yaml',
  namespace: 'flux-system',
  branch: 'edge',
  run: 'home-1',
  target: {
    operatorKustomization: 'flux-operator',
    instanceKustomization: 'flux-instance',
    operatorHelmRelease: 'flux-operator',
    instanceHelmRelease: null,
  },
  owner: { kind: 'Kustomization', namespace: 'flux-system', name: 'flux', file: 'flux/config/flux.yaml' },
  commits: { orphan: 'c1', operator: 'c2', stage: 'c3', adopt: 'c4', retire: 'c5' },
};
const shapes = ['self-managed', 'bootstrap-only', 'flux-bootstrap', 'helm'] as const;
const compensations = (phasesOf('self-managed') ?? []).flatMap(({ compensation }) => compensation ?? []);
const typed = (lines: string[]): string[] => lines.filter((line) => !line.startsWith('#'));

describe.each(shapes)('by hand, %s', (shape) => {
  test.each(compensations)('%s names context, kubeconfig and trailers in every command', (name) => {
    const lines = typed(byHand(name, { ...work, shape }));
    for (const line of lines.filter((each) => /^(kubectl|flux) /.test(each)))
      expect(line).toMatch(/^(kubectl|flux) --context edge-admin --kubeconfig \/etc\/edge\.yaml /);
    expect(lines.join('\n')).toContain("--trailer 'Handover-Run: home-1' --trailer 'Handover-Cluster: edge'");
    expect(lines.join('\n').replaceAll(/[!=]= null/g, '')).not.toMatch(/undefined|null\b/);
  });

  test('disables the instance before it gives anything back, and again before it deletes it', () => {
    const disable = 'annotate fluxinstance flux fluxcd.controlplane.io/reconcile=disabled';
    expect(typed(byHand('handBack', { ...work, shape }))[0]).toContain(disable);
    const removal = byHand('removeInstance', { ...work, shape });
    const deleted = removal.findIndex((line) => line.includes('delete fluxinstance'));
    expect(removal.findIndex((line) => line.includes(disable))).toBeLessThan(deleted);
  });
});

test('the way back begins with the annotation, also after the legacy install has left', () => {
  expect(typed(byHand('restoreRetired', work))[0]).toContain('reconcile=disabled');
});

test('what no file in Git holds is put back from what the run kept', () => {
  for (const shape of ['bootstrap-only', 'helm'] as const) {
    const lines = byHand('handBack', { ...work, shape });
    const renaming = lines.findIndex((line) => line.includes('managedFields |='));
    const content = lines.findIndex((line) => line.includes('FETCH_HEAD:edge/legacy-objects.json'));
    // Applied in the new name, so that what only the operator had set goes with it.
    expect(renaming).toBeGreaterThan(0);
    expect(content).toBeGreaterThan(renaming);
  }
});

test('with a sync, source and root are handed back as well', () => {
  const lines = byHand('handBack', { ...work, shape: 'flux-bootstrap' }).join('\n');
  expect(lines).toContain(
    'gitrepositories.source.toolkit.fluxcd.io,kustomizations.kustomize.toolkit.fluxcd.io',
  );
});

test('the owner resumes within the commit that takes adopt back, and the orphaning is undone over that', () => {
  const resumed = byHand('handBack', work);
  const edit = resumed.findIndex((line) => line.startsWith('perl '));
  expect(resumed[edit]).toContain('flux/config/flux.yaml');
  expect(resumed[edit + 1]).toContain('undo-adopt');
  expect(byHand('restoreLegacyOwner', work)).toContain('git revert --no-commit -X theirs c1');
});

test('a phase without a commit has nothing to take out of Git', () => {
  const lines = byHand('removeOperator', { ...work, commits: {} });
  expect(lines).toContain('# operator has no commit on edge: nothing to take out of Git');
  expect(lines.join('\n')).not.toContain('git revert');
});
