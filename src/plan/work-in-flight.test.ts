/** Other people's work beside a handover: on branches that are watched, and lately on the branch itself. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { makeRemote, type Remote } from '../repo/fixtures.ts';
import { fixture, homeFolder as P, realBuild } from './fixtures/index.ts';
import { readPlan } from './read-plan.ts';
import type { Plan } from './types.ts';

let remote: Remote;
beforeEach(() => {
  remote = makeRemote();
  remote.push('main', fixture('home'));
});
afterEach(() => remote.dispose());

async function planned(extra: string): Promise<Plan> {
  const config = parseConfig(
    `apiVersion: flux-handover/v1\nfleet: home\nrepository:\n  url: ${remote.url}\n${extra}\nclusters:\n  - { name: home, branch: main, path: ${P}, context: home }\n`,
  );
  return (await readPlan(config, { cacheDirectory: remote.cache, build: realBuild })).plan;
}

function told(plan: Plan): string[] {
  return plan.clusters[0]!.hazards.filter(({ id }) => id === 'work-in-flight').map(
    ({ severity, what, where }) =>
      `${severity} ${what.replace(/\d{4}-\d\d-\d\d|commit \w+/g, '…')} ${where?.file ?? ''}:${where?.line ?? ''}`,
  );
}

const release = `${P}/apps/default/app.yaml`;

test('a repository at its first commit has none', async () => {
  expect(told(await planned(''))).toEqual([]);
});

test('a watched branch is told by what it touches, with its first place; others are not looked at', async () => {
  remote.push('docs', { 'README.md': 'hello\n' });
  remote.push('charts', { [release]: 'kind: HelmRelease\nspec:\n  chartRef:\n    name: app\n' });
  const before = await planned('  recentDays: 0');
  expect(told(before)).toEqual([]);
  const watched = await planned('  recentDays: 0\n  watchBranches: [charts, docs, gone]');
  expect(told(watched)).toEqual([
    `warn branch charts, open since …, changes how HelmReleases find their charts (chartRef) ${release}:3`,
    'note There is no branch gone, which repository.watchBranches names :',
  ]);
  expect(watched.digest).toBe(before.digest);
});

test('a branch that touches a root or a file of the plan is told as the worst of it', async () => {
  const owner = `${P}/flux/config/flux.yaml`;
  remote.push('owner', {
    [release]: 'kind: Gateway\n',
    [owner]: `${fixture('home')[owner]!}# a remark\n`,
  });
  expect(told(await planned('  recentDays: 0\n  watchBranches: [owner]'))[0]).toContain(
    'open since …, changes',
  );
});

test('so is a recent commit on the branch itself, for as long as it is recent', async () => {
  remote.push('main', { [release]: 'kind: HTTPRoute\n' }, 'Move to gateways');
  expect(told(await planned(''))).toEqual([
    `warn … (Move to gateways), of …, changes ingress or gateways ${release}:1`,
  ]);
  expect(told(await planned('  recentDays: 0'))).toEqual([]);
  remote.push('main', { [`${P}/apps/other.yaml`]: 'kind: Ingress\n' }, 'A step\n\nHandover-Run: x\n');
  expect(told(await planned(''))).toHaveLength(1);
});
