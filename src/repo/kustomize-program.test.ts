/** Builds by the real kustomize: what it gives, what is taken out of it, and that nothing is left behind or fetched. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { BuilderMissing, kubectlBuild, type FolderBuild } from './kustomize-program.ts';
import { memoryTree } from './tree.ts';

const build = await kubectlBuild();

function configMap(name: string, extra = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${extra}`;
}

function of(files: Record<string, string>, spec?: Record<string, unknown>): Promise<FolderBuild> {
  return build(memoryTree(files), 'app', spec);
}

/** Kind, name and origin of what was built; or why it was not. */
function objects(built: FolderBuild): string[] {
  if (!built.ok) return [`failed: ${built.reason}`];
  return parseAllDocuments(built.output).map((document) => {
    const { kind, metadata } = document.toJS() as {
      kind: string;
      metadata: { name: string; namespace?: string; annotations: Record<string, string> };
    };
    const origin = /path: (\S+)/.exec(metadata.annotations['config.kubernetes.io/origin'] ?? '')?.[1] ?? '-';
    return [kind, metadata.namespace, metadata.name, origin].filter(Boolean).join(' ');
  });
}

describe('kustomize builds what is in the repository', () => {
  test('generators, components, prefixes, replacements, bases outside the folder and files of several documents', async () => {
    const built = await of({
      'app/kustomization.yaml':
        'resources: [both.yaml, ../base]\ncomponents: [../parts]\nnamePrefix: p-\nconfigMapGenerator:\n  - name: made\n    files: [a=../base/data.txt]\nreplacements:\n  - path: replace.yaml\n',
      'app/both.yaml': `${configMap('one', 'data: {to: x}\n')}---\n${configMap('two')}`,
      'app/replace.yaml':
        'source: {kind: ConfigMap, name: two, fieldPath: metadata.name}\ntargets: [{select: {kind: ConfigMap, name: one}, fieldPaths: [data.to]}]\n',
      'base/kustomization.yml': 'resources: [cm.yaml]\n',
      'base/cm.yaml': configMap('three'),
      'base/data.txt': 'hello',
      'parts/Kustomization':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: patch.yaml\n',
      'parts/patch.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: three}\ndata: {patched: "yes"}\n',
    });
    expect(objects(built).toSorted()).toEqual([
      expect.stringMatching(/^ConfigMap p-made-[a-z0-9]{10} -$/),
      'ConfigMap p-one both.yaml',
      'ConfigMap p-three ../base/cm.yaml',
      'ConfigMap p-two both.yaml',
    ]);
    expect(built.ok && built.output).toContain('to: p-two');
    expect(built.ok && built.output).toContain('patched: "yes"');
  });

  test('without a kustomization file every YAML below is taken, and folders that have one are built', async () => {
    const built = await of({
      'app/a.yaml': configMap('a'),
      'app/deep/er/b.yml': configMap('b'),
      'app/README.md': 'not YAML',
      'app/own/kustomization.yaml': 'resources: [c.yaml]\n',
      'app/own/c.yaml': configMap('c'),
      'app/own/not-listed.yaml': configMap('d'),
    });
    expect(objects(built)).toEqual([
      'ConfigMap a a.yaml',
      'ConfigMap b deep/er/b.yml',
      'ConfigMap c own/c.yaml',
    ]);
  });

  test('the fields of the Flux Kustomization count', async () => {
    const files = {
      'app/kustomization.yaml': 'unknownToKustomize: 1\nresources: [a.yaml]\n',
      'app/a.yaml': configMap('a'),
      'part/kustomization.yaml':
        'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [b.yaml]\n',
      'part/b.yaml': configMap('b'),
    };
    const spec = {
      targetNamespace: 'there',
      nameSuffix: '-s',
      components: ['../part', '../missing'],
      ignoreMissingComponents: true,
      patches: [
        { target: { kind: 'ConfigMap', name: 'a' }, patch: '- {op: add, path: /data, value: {x: "1"}}' },
      ],
    };
    const built = await of(files, spec);
    expect(objects(built)).toEqual(['ConfigMap there a-s a.yaml', 'ConfigMap there b-s ../part/b.yaml']);
    expect(built.ok && built.output).toContain('x: "1"');
  });

  test('encrypted files stay as they are', async () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: "ENC[AES256_GCM,data:x]"}\nsops: {version: 3.9.0}\n';
    expect((await of({ 'app/s.yaml': secret })) as { output: string }).toMatchObject({
      output: expect.stringContaining('ENC[AES256_GCM,data:x]'),
    });
  });
});

describe('what is not in the repository', () => {
  test.each([
    ['a remote base', 'resources: [a.yaml, "github.com/fluxcd/flux2/manifests/install?ref=v2.9.2"]', 1],
    ['a remote file', 'resources:\n  - a.yaml\n  - https://127.0.0.1:1/x.yaml', 3],
    ['a base over SSH', 'resources:\n  - a.yaml\n  - git@127.0.0.1:a/b', 3],
    ['a remote component', 'resources: [a.yaml]\ncomponents:\n  - ssh://127.0.0.1/x', 3],
    ['a patch from elsewhere', 'resources: [a.yaml]\npatches:\n  - path: http://127.0.0.1:1/p.yaml', 3],
    ['a chart', 'resources: [a.yaml]\nhelmCharts:\n  - {name: x, version: 1.0.0, repo: oci://127.0.0.1}', 2],
    ['a plugin', 'resources: [a.yaml]\ngenerators:\n  - plugin.yaml', 3],
  ])('%s is taken out and named', async (_name, kustomization, line) => {
    const built = await of({
      'app/kustomization.yaml': `${kustomization}\n`,
      'app/a.yaml': configMap('a'),
      'app/plugin.yaml': 'apiVersion: example.com/v1\nkind: Evil\nmetadata: {name: x}\n',
    });
    expect(objects(built)).toEqual(['ConfigMap a a.yaml']);
    expect(built.unknown).toEqual([
      { file: 'app/kustomization.yaml', line, what: expect.stringMatching(/127|github|chart|Evil/) },
    ]);
  });

  test('patches of what was taken out do not stop the build', async () => {
    const built = await of({
      'app/kustomization.yaml':
        'resources: [../base, a.yaml]\npatchesStrategicMerge: [gone.yaml]\npatches: [{patch: "kind: ConfigMap\\napiVersion: v1\\nmetadata: {name: a}\\ndata: {x: y}"}]\n',
      'app/gone.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: far-away}\nspec: {replicas: 2}\n',
      'app/a.yaml': configMap('a'),
      'base/kustomization.yaml': 'resources: ["https://127.0.0.1:1/all.yaml"]\n',
    });
    expect(objects(built)).toEqual(['ConfigMap a a.yaml']);
    expect(built.ok && built.output).toContain('x: "y"');
  });

  test.each([
    ['resources: [nowhere.yaml]', 'app/kustomization.yaml:1 names nowhere.yaml, which is not there'],
    ['resources: [../../etc]', 'app/kustomization.yaml:1 names ../../etc, which is outside the repository'],
    ['resources: [../docs]', 'app/kustomization.yaml:1 names ../docs, a folder without kustomization.yaml'],
    ['resources: [', 'invalid Kustomization'],
  ])('%s is an answer, not an exception', async (kustomization, reason) => {
    const built = await of({ 'app/kustomization.yaml': `${kustomization}\n`, 'docs/x.md': '' });
    expect(built).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });
});

test('nothing is left in the temporary folder, also where a build fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-own-'));
  vi.stubEnv('TMPDIR', folder);
  await Promise.all([1, 2, 3].map((each) => of({ 'app/a.yaml': configMap(`a${each}`) })));
  expect(await of({ 'app/a.yaml': 'kind: {{ broken' })).toMatchObject({ ok: false });
  vi.unstubAllEnvs();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('without kubectl it says what to install', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(kubectlBuild()).rejects.toMatchObject({
    name: 'BuilderMissing',
    mend: expect.stringContaining('kubernetes.io/docs/tasks/tools'),
  });
  await expect(kubectlBuild()).rejects.toBeInstanceOf(BuilderMissing);
  vi.unstubAllEnvs();
});
