/** What of a file is an object, what is a problem, and where it stands. */
import { describe, expect, test } from 'vitest';
import { manifestsOf, problemsOf, text } from './manifests.ts';
import { memoryTree } from './tree.ts';
import { parseDocuments } from './yaml-text.ts';

const read = (content: string, path = 'a.yaml') => {
  const tree = memoryTree({ [path]: content });
  return { manifests: manifestsOf(tree, path), problems: problemsOf(tree, path) };
};
const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe('what is read', () => {
  test.each([
    ['one document', object('a'), ['a']],
    [
      'several, with comments before the first mark',
      `# first\n---\n${object('a')}---\n${object('b')}`,
      ['a', 'b'],
    ],
    ['several, the first without a mark', `${object('a')}--- # second\n${object('b')}`, ['a', 'b']],
    ['documents ended by dots', `${object('a')}...\n---\n${object('b')}`, ['a', 'b']],
    ['carriage returns', object('a').replaceAll('\n', '\r\n'), ['a']],
    ['a byte order mark', `\uFEFF${object('a')}`, ['a']],
    [
      'a List, taken apart',
      `apiVersion: v1\nkind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: b}}\n`,
      ['a', 'b'],
    ],
    ['JSON', JSON.stringify({ kind: 'A', metadata: { name: 'a' } }), ['a']],
    ['an anchor and a merge', `x: &x {name: a}\nmetadata:\n  <<: *x\n`, ['a']],
  ])('%s', (_, content, names) => {
    const { manifests, problems } = read(content);
    expect(problems).toEqual([]);
    expect(manifests.map(({ name }) => name)).toEqual(names);
  });

  test('the index counts documents as an edit does, empty ones included, and lines count from the top of the file', () => {
    const { manifests } = read(
      `# head\n---\n---\n${object('a')}---\r\n# more\nkind: List\nitems:\n  - kind: A\n    metadata:\n      name: b\n`,
    );
    expect(manifests.map(({ index, item, name }) => [index, item, name])).toEqual([
      [1, null, 'a'],
      [2, 0, 'b'],
    ]);
    expect(manifests[0]?.place('metadata', 'name').line).toBe(7);
    expect(manifests[1]?.place('metadata', 'name').line).toBe(14);
  });

  test('a long file is read by its first-level lines, and looked into where somebody asks', () => {
    const crds = Array.from(
      { length: 400 },
      (_, index) =>
        `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    x/y: z\n  name: c${index}.example.com\nspec:\n  text: ${'x'.repeat(1000)}\n  names: {kind: K${index}}\n`,
    ).join('');
    const { manifests, problems } = read(crds);
    expect(problems).toEqual([]);
    expect(manifests).toHaveLength(400);
    expect(manifests[7]?.name).toBe('c7.example.com');
    expect(text(manifests[7]?.value, 'spec', 'names', 'kind')).toBe('K7');
    expect(manifests[7]?.place('spec', 'names').line).toBe(7 * 10 + 10);
  });
});

describe('what can not be read is told with its line, and the other documents still are', () => {
  test.each([
    ['a tab', `${object('a')}---\n${object('b')}data:\n\tx: y\n`, 11],
    ['a key given twice', `${object('a')}---\n${object('b')}metadata: {}\n`, 10],
    ['two merges', `${object('a')}---\nx: &x {a: b}\ny:\n  <<: *x\n  <<: *x\n`, 9],
    ['a template', `${object('a')}---\n{{- if .Values.x }}\na: b\n`, 6],
    ['an unknown alias', `${object('a')}---\n${object('b')}data: *nobody\n`, 10],
    ['a map as a key', `${object('a')}---\n{ if .x }: y\n`, 6],
    ['an open quote', `${object('a')}---\nname: "b\n`, 7],
  ])('%s', (_, content, line) => {
    const { manifests, problems } = read(content);
    expect(manifests.map(({ name }) => name)).toEqual(['a']);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'a.yaml', line });
    expect(problems[0]?.what).not.toMatch(/at line|\n/);
  });

  test('a link, a submodule, what is no UTF-8', () => {
    const tree = memoryTree({}, undefined, { 'a.yaml': 'symlink', 'b.yaml': 'submodule' });
    expect(problemsOf(tree, 'a.yaml')[0]?.what).toContain('symbolic link');
    expect(problemsOf(tree, 'b.yaml')[0]?.what).toContain('submodule');
    expect(problemsOf(tree, 'absent.yaml')).toEqual([]);
    const binary = { commit: '', paths: () => ['c.yaml'], read: () => null };
    expect(problemsOf(binary, 'c.yaml')[0]?.what).toContain('UTF-8');
  });
});

describe('no input hangs or crashes', () => {
  const laughs = Array.from(
    { length: 12 },
    (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}, `.repeat(9)}]\n`,
  );
  test.each([
    ['a billion laughs', laughs.join('')],
    ['deep flow nesting', '['.repeat(50_000)],
    ['deep block nesting', Array.from({ length: 1500 }, (_, n) => `${' '.repeat(n)}a:\n`).join('')],
    ['a map of 20,000 keys twice over', `a: b\n`.repeat(20_000)],
    ['one document of 10 MB', `kind: A\ndata: "${'x'.repeat(10_000_000)}"\n`],
    ['a hundred thousand documents', '---\nkind: A\n'.repeat(100_000)],
    ['nothing but marks of complex keys', '? '.repeat(5000)],
  ])(
    '%s',
    (_, content) => {
      const { manifests, problems } = read(content);
      expect(problems).toHaveLength(1);
      expect(manifests).toEqual([]);
    },
    60_000,
  );

  test('a map of 20,000 keys is read', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `  k${n}: v\n`).join('');
    expect(read(`kind: A\ndata:\n${keys}`).problems).toEqual([]);
  }, 60_000);
});

test('documents are counted as the editor counts them', () => {
  const parts = ['', '# a\n', object('a'), '{a: b}\n', ' # x\n---\n', '\r\na: b\r\n', 'a: |\n  ---\n  x\n'];
  for (const first of parts)
    for (const second of parts)
      for (const third of ['', ...parts]) {
        const content = `${first}---${second.startsWith(' ') ? '' : '\n'}${second}--- \n${third}`;
        const counted = parseDocuments(content).map((document) => document.toJS() as unknown);
        for (const { index, value } of read(content).manifests) expect(value).toEqual(counted[index]);
      }
});
