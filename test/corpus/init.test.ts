/**
 * `init` on every repository of test/repos: it finds the clusters that handover.yaml was written for by hand, and where these
 * have a plan, what it writes is planned without an edit. Of the others it must say something, never fail.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { propose } from '../../src/discover/proposal.ts';
import { readClusters } from '../../src/discover/read-clusters.ts';
import { handoverText } from '../../src/discover/write-config.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { kubectlBuild } from '../../src/repo/kustomize-program.ts';
import { caseNames, loadCase, type Case } from './case.ts';
import { gitRepository } from './git-repository.ts';
import { endOf, isRefused } from './outcome.ts';
import { planCase } from './plan-case.ts';

/** Where handover.yaml holds what only a person knows, and so no repository can tell. */
const personsWord: Record<string, string> = {
  'version-range-told': 'which version of a range runs',
  'helm-release': 'which Flux the chart installed',
  'helm-oci': 'which Flux the chart installed',
};
const builder = kubectlBuild();

/** What `git clone` of the case would give: its remote, and the key that its owner signs with. */
async function clone({ config, branches }: Case): Promise<Awaited<ReturnType<typeof gitRepository>>> {
  const repository = await gitRepository(branches);
  const set = (key: string, value: string): void =>
    void execFileSync('git', ['config', key, value], { cwd: repository.directory });
  set('remote.origin.url', config.repository.url);
  const { signing } = config.repository;
  if (signing) set('user.signingkey', signing.key);
  if (signing?.format === 'ssh') set('gpg.format', 'ssh');
  return repository;
}

describe.each(caseNames)('%s', (name) => {
  test('is read by init', async () => {
    const loaded = loadCase(name);
    const { directory, trees } = await clone(loaded);
    try {
      const reading = await readClusters(directory);
      const hasPlan = Object.values(loaded.expected).every(
        ({ phases }) => phases !== undefined && Object.keys(phases).length > 0,
      );
      if (!hasPlan && reading.clusters.length === 0) return;
      const { leftOut } = reading.discovery;
      const text = handoverText(await propose(reading, reading.clusters), { directory, leftOut });
      const config = parseConfig(text);
      if (!hasPlan || personsWord[name]) return;
      expect(config.clusters.map((each) => [each.name, each.branch, each.path, each.namespace])).toEqual(
        loaded.config.clusters.map((each) => [each.name, each.branch, each.path, each.namespace]),
      );
      const plan = await makePlan(config, trees, await builder);
      for (const cluster of plan.clusters) {
        expect(isRefused(cluster), text).toBe(false);
        // The same commits as with the handover.yaml that was written by hand.
        const { plans } = await planCase(name);
        expect(endOf(cluster)).toEqual(endOf(plans.get(cluster.name)!));
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
