/** The lab's own GitOps repository, as it is written, must be planned on both branches without a refusal. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { memoryTree } from '../repo/tree.ts';
import { realBuild } from './fixtures/index.ts';
import { makePlan, refusals } from './make-plan.ts';

const gitops = join(import.meta.dirname, '../../lab/gitops');

/** Before encryption, files end in `.plain`; hidden ones begin with `dot-`. */
function branch(name: string): Record<string, string> {
  return Object.fromEntries(
    ['shared', name].flatMap((part) =>
      readdirSync(join(gitops, part), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [
          relative(join(gitops, part), file)
            .replace(/\.plain$/, '')
            .replace(/(^|\/)dot-/, '$1.'),
          readFileSync(file, 'utf8'),
        ]),
    ),
  );
}

test.each(['manifest', 'chart'])('edge and main, with the instance as a %s', async (form) => {
  const config = parseConfig(`apiVersion: flux-handover/v1
fleet: home
repository: { url: 'https://git.haynes.test/haynes/home-ops.git' }
install: { instanceAs: ${form} }
clusters:
  - { name: edge, branch: edge, path: kubernetes/edge, context: edge }
  - { name: main, branch: main, path: kubernetes/main, context: main }
`);
  const trees = new Map(['edge', 'main'].map((name) => [name, memoryTree(branch(name))]));
  const plan = await makePlan(config, trees, realBuild);
  for (const cluster of plan.clusters) {
    expect(refusals(cluster)).toEqual([]);
    expect(cluster.legacy).toMatchObject({ shape: 'self-managed', version: '2.9.2', networkPolicies: false });
    expect(cluster.roots.map(({ name }) => name)).toEqual(['cluster', 'cluster-apps']);
    expect(cluster.changes.map(({ phase }) => phase)).toEqual([
      'orphan',
      'operator',
      'stage',
      'adopt',
      'retire',
    ]);
  }
  expect(plan.clusters[0]?.digest).not.toBe(plan.clusters[1]?.digest);
});
