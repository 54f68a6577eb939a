/**
 * `init` on every repository of test/repos: it finds the clusters that handover.yaml was written for by hand, and where these
 * have a plan, what it writes is planned without an edit. Of the others it must say something, never fail.
 *
 * Where Git does not say which Flux runs (a range, a chart), a plan stands on a person's word, and so there is none before that:
 * what init writes is refused for this alone, and has the place for it. With the word filled in there, it is planned.
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
import { endOf, isRefused, refusalsOf } from './outcome.ts';
import { planCase } from './plan-case.ts';

/** The lines of init that wait for a person's word. */
const leftOpen = '# install:\n#   distributionVersion: 2.x.y\n';
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
      if (!hasPlan) {
        parseConfig(text);
        return;
      }
      const { plans } = await planCase(name);
      const word = [...plans.values()].some(({ hazards }) =>
        hazards.some(({ id }) => id === 'version-unproven'),
      )
        ? loaded.config.install.distributionVersion
        : undefined;
      const without = word === undefined ? null : await makePlan(parseConfig(text), trees, await builder);
      expect(without?.clusters.flatMap(refusalsOf) ?? [], text).toEqual(without ? ['version-floating'] : []);
      expect(text.includes(leftOpen), text).toBe(without !== null);
      const config = parseConfig(
        word === undefined ? text : text.replace(leftOpen, `install:\n  distributionVersion: ${word}\n`),
      );
      expect(config.clusters.map((each) => [each.name, each.branch, each.path, each.namespace])).toEqual(
        loaded.config.clusters.map((each) => [each.name, each.branch, each.path, each.namespace]),
      );
      const plan = await makePlan(config, trees, await builder);
      for (const cluster of plan.clusters) {
        expect(isRefused(cluster), text).toBe(false);
        // The same commits as with the handover.yaml that was written by hand.
        expect(endOf(cluster)).toEqual(endOf(plans.get(cluster.name)!));
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
