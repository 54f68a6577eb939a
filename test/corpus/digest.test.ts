/** A plan's digest is the same for the same content on any machine and path, and moves with what the plan stands on, alone. */
import { describe, expect, test } from 'vitest';
import type { ClusterPlan } from '../../src/plan/types.ts';
import { loadCase, type RepoFiles } from './case.ts';
import { planAgain } from './plan-case.ts';

const names = ['self-managed-oci', 'self-managed-git', 'edge-and-main'];

type Branches = Map<string, RepoFiles>;

/** The case with files set on every branch. */
function changed(branches: Branches, change: (files: RepoFiles) => void): Branches {
  return new Map(
    [...branches].map(([branch, files]) => {
      const copy: RepoFiles = new Map(files);
      change(copy);
      return [branch, copy] as const;
    }),
  );
}

function put(files: RepoFiles, path: string, text: string): void {
  files.set(path, { mode: '100644', content: Buffer.from(text) });
}

/** A comment at the end of a file that is there. */
function comment(path: string): (files: RepoFiles) => void {
  return (files) => {
    const file = files.get(path);
    if (file) put(files, path, `${file.content.toString('utf8')}# somebody was here\n`);
  };
}

describe.each(names)('%s', (name) => {
  const loaded = loadCase(name);
  const digests = async (branches: Branches, history = 0): Promise<string[]> =>
    [...(await planAgain(loaded, branches, history)).plans.values()].map(({ digest }) => digest);
  const first = async (): Promise<ClusterPlan> => [...(await planAgain(loaded)).plans.values()][0]!;

  test('the same in another folder, after other commits, beside other files', async () => {
    const original = await digests(loaded.branches);
    expect(await digests(loaded.branches, 5)).toEqual(original);
    const elsewhere = changed(loaded.branches, (files) => {
      put(files, 'docs/network.md', '# The network\n');
      put(files, 'another/cluster/broken.yaml', 'a: [\n');
      put(files, '.github/workflows/test.yaml', 'on: push\n');
      put(files, 'zz/kustomization.yaml', 'kind: Kustomization\nresources: [nothing.yaml]\n');
    });
    expect(await digests(elsewhere, 2)).toEqual(original);
  });

  test('another one when a touched file changes, even by a comment', async () => {
    const plan = await first();
    const touched = new Set(
      plan.changes
        .flatMap(({ files }) =>
          files.filter(({ path, before }) => before !== null && loaded.branches.get(plan.branch)?.has(path)),
        )
        .map(({ path }) => path),
    );
    expect(touched.size).toBeGreaterThan(1);
    for (const path of touched) {
      const [digest] = await digests(changed(loaded.branches, comment(path)));
      expect(digest, path).not.toBe(plan.digest);
    }
  });

  test('another one when a root changes', async () => {
    const plan = await first();
    const root = plan.roots[0]!;
    const [digest] = await digests(
      changed(loaded.branches, (files) => {
        const text = files.get(root.file)?.content.toString('utf8') ?? '';
        // Every Kustomization of the file, among them the root.
        put(
          files,
          root.file,
          text.replaceAll(/^( +)prune: true/gm, '$1prune: true\n$1decryption: {provider: sops}'),
        );
      }),
    );
    expect(digest).not.toBe(plan.digest);
  });
});
