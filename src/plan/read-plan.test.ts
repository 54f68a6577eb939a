/** Planning from a real clone: branches, credentials-free paths, and repositories of ten thousand files. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { makeRemote, type Remote } from '../repo/fixtures.ts';
import { BranchNotFound } from '../repo/errors.ts';
import { fixture, homeFolder } from './fixtures/index.ts';
import { readPlan } from './read-plan.ts';

let remote: Remote;
beforeEach(() => {
  remote = makeRemote();
});
afterEach(() => remote.dispose());

function config(branches: string[]): ReturnType<typeof parseConfig> {
  const clusters = branches.map(
    (branch) => `  - { name: ${branch}, branch: ${branch}, path: ${homeFolder}, context: ${branch} }`,
  );
  return parseConfig(
    `apiVersion: flux-handover/v1\nfleet: home\nrepository:\n  url: ${remote.url}\nclusters:\n${clusters.join('\n')}\n`,
  );
}

test('each cluster is planned on its own branch, and a branch that is missing is named', async () => {
  const files = fixture('home');
  remote.push('main', files);
  remote.push('edge', { 'kubernetes/home/flux/config/cluster.yaml': 'a: 1\n' });
  const { plan, trees } = await readPlan(config(['edge', 'main']), { cacheDirectory: remote.cache });
  expect(plan.clusters.map(({ name, commit }) => [name, commit === trees.get(name)?.commit])).toEqual([
    ['edge', true],
    ['main', true],
  ]);
  expect(plan.clusters[0]?.hazards.map(({ id }) => id)).toContain('source-not-found');
  expect(plan.clusters[1]?.hazards.map(({ id }) => id)).toContain('source-url-differs');
  const only = await readPlan(config(['edge', 'main']), { cacheDirectory: remote.cache, only: 'main' });
  expect(only.plan.clusters.map(({ name, digest }) => [name, digest])).toEqual([
    ['main', plan.clusters[1]?.digest],
  ]);
  await expect(readPlan(config(['north']), { cacheDirectory: remote.cache })).rejects.toBeInstanceOf(
    BranchNotFound,
  );
});

test(
  'a repository of ten thousand files, a thousand apps among them, is planned in seconds',
  { timeout: 300_000 },
  async () => {
    const files: Record<string, string> = { ...fixture('home') };
    const template = files[`${homeFolder}/apps/flux-system/alerts/ks.yaml`] ?? '';
    for (let app = 0; app < 1000; app += 1) {
      const folder = `${homeFolder}/apps/default/app-${app}`;
      files[`${folder}/ks.yaml`] = template.replaceAll('alerts', `app-${app}`);
      files[`${folder}/app/kustomization.yaml`] =
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [./helmrelease.yaml]\n';
      files[`${folder}/app/helmrelease.yaml`] =
        `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app-${app}}\n${'# values\n'.repeat(50)}`;
      for (let other = 0; other < 7; other += 1)
        files[`docs/${app}/${other}.yaml`] = `kind: GitRepository\na: ${other}\n`;
    }
    files[`${homeFolder}/apps/default/kustomization.yaml`] =
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${Array.from({ length: 1000 }, (_, app) => `  - ./app-${app}/ks.yaml`).join('\n')}\n`;
    remote.import('main', files);
    const before = process.cpuUsage();
    const { plan } = await readPlan(config(['main']), { cacheDirectory: remote.cache });
    // Processor time, so that a busy machine does not decide the test.
    const seconds = process.cpuUsage(before).user / 1e6;
    expect(plan.clusters[0]?.changes).toHaveLength(5);
    expect(seconds).toBeLessThan(15);
  },
);
