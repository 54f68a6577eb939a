/** Edits change the intended lines and nothing else. */
import { describe, expect, test } from 'vitest';
import { addListEntry, EditRefused, removeDocuments, removeListEntry, setFields } from './edit.ts';

const orphan = [
  { path: ['spec', 'prune'], value: false },
  { path: ['spec', 'deletionPolicy'], value: 'Orphan', after: 'prune' },
  { path: ['spec', 'suspend'], value: true, after: 'deletionPolicy' },
];

describe('setFields', () => {
  test('replaces a value in place and adds its companions below, keeping comments and order', () => {
    const before = '# top\nspec:\n  b: 1 # one\n\n  prune: true   # why\n  # below\n  a: "x"\n';
    expect(setFields(before, 0, orphan)).toBe(
      '# top\nspec:\n  b: 1 # one\n\n  prune: false   # why\n  deletionPolicy: Orphan\n  suspend: true\n  # below\n  a: "x"\n',
    );
  });

  test('keeps CRLF line ends and a missing last line break', () => {
    expect(setFields('spec:\r\n    prune: true', 0, orphan)).toBe(
      'spec:\r\n    prune: false\r\n    deletionPolicy: Orphan\r\n    suspend: true',
    );
  });

  test('touches only the named document', () => {
    const before =
      '---\nspec:\n  prune: true\n---\nspec:\n  prune: true\n  suspend: false\n---\nspec: {prune: true}\n';
    expect(setFields(before, 1, orphan)).toBe(
      '---\nspec:\n  prune: true\n---\nspec:\n  prune: false\n  deletionPolicy: Orphan\n  suspend: true\n---\nspec: {prune: true}\n',
    );
    expect(setFields(before, 2, orphan)).toBe(
      '---\nspec:\n  prune: true\n---\nspec:\n  prune: true\n  suspend: false\n---\nspec: {prune: false, deletionPolicy: Orphan, suspend: true}\n',
    );
  });

  test('adds at the end of the map where the named sibling is missing, also behind block scalars and lists', () => {
    expect(
      setFields('spec:\n  text: |\n    a\n    b\n# end\n', 0, [{ path: ['spec', 'suspend'], value: true }]),
    ).toBe('spec:\n  text: |\n    a\n    b\n  suspend: true\n# end\n');
    expect(
      setFields('spec:\n  list:\n  - a\n  - b: 1\n\nstatus: {}\n', 0, [
        { path: ['spec', 'suspend'], value: true },
      ]),
    ).toBe('spec:\n  list:\n  - a\n  - b: 1\n  suspend: true\n\nstatus: {}\n');
  });

  test('quoted and anchored values are replaced as what they are, and an alias elsewhere makes it refuse', () => {
    expect(
      setFields('spec:\n  deletionPolicy: "Delete"\n', 0, [
        { path: ['spec', 'deletionPolicy'], value: 'Orphan' },
      ]),
    ).toBe('spec:\n  deletionPolicy: Orphan\n');
    expect(() => setFields('spec:\n  prune: &yes true\n  wait: *yes\n', 0, orphan)).toThrow(EditRefused);
    expect(() => setFields('a: &a {prune: true}\nspec: *a\n', 0, orphan)).toThrow(EditRefused);
  });

  test('refuses what is no YAML', () => {
    expect(() => setFields('spec: {{ template }}\n prune: true', 0, orphan)).toThrow(EditRefused);
  });
});

describe('lists', () => {
  test('an entry is added in the style of its neighbour', () => {
    expect(addListEntry('resources:\n- a # first\n-   b\n\n# end\n', 0, ['resources'], 'c')).toBe(
      'resources:\n- a # first\n-   b\n-   c\n\n# end\n',
    );
    expect(addListEntry('resources:\n- a # first\n- b\n', 0, ['resources'], 'c', 0)).toBe(
      'resources:\n- a # first\n- c\n- b\n',
    );
    expect(addListEntry('resources: [a, "b"]\n', 0, ['resources'], 'c')).toBe('resources: [a, "b", c]\n');
    expect(addListEntry('resources: []\n', 0, ['resources'], 'c')).toBe('resources: [c]\n');
    expect(addListEntry('resources:\r\n  - a', 0, ['resources'], 'c')).toBe('resources:\r\n  - a\r\n  - c');
  });

  test('an entry is removed with its line only', () => {
    expect(removeListEntry('resources:\n  # one\n  - a\n  - b # two\n  - c\n', 0, ['resources'], 'b')).toBe(
      'resources:\n  # one\n  - a\n  - c\n',
    );
    expect(removeListEntry('resources: [a, b, c]\n', 0, ['resources'], 'a')).toBe('resources: [b, c]\n');
    expect(removeListEntry('resources: [a, b, c]\n', 0, ['resources'], 'c')).toBe('resources: [a, b]\n');
    expect(removeListEntry('resources:\r\n- a\r\n- b', 0, ['resources'], 'b')).toBe('resources:\r\n- a\r\n');
  });

  test('the last entry and a missing one are refused', () => {
    expect(() => removeListEntry('resources:\n- a\n', 0, ['resources'], 'a')).toThrow(/empty/);
    expect(() => removeListEntry('resources:\n- a\n', 0, ['resources'], 'b')).toThrow(/no entry b/);
  });
});

describe('removeDocuments', () => {
  const text = '# head\n---\na: 1\ntext: |\n  ---\n  x\n---\n# of b\nb: 1\n---\nc: 1\n';
  test('takes whole documents, and leaves the others byte for byte', () => {
    expect(removeDocuments(text, [1])).toBe('# head\n---\na: 1\ntext: |\n  ---\n  x\n---\nc: 1\n');
    expect(removeDocuments(text, [0, 1])).toBe('---\nc: 1\n');
    expect(removeDocuments('a: 1\n---\nb: 1\n', [1])).toBe('a: 1\n');
    expect(removeDocuments('a: 1\r\n---\r\nb: 1\r\n', [0])).toBe('---\r\nb: 1\r\n');
  });
  test('refuses to leave nothing', () => expect(() => removeDocuments('a: 1\n', [0])).toThrow(EditRefused));
});

test('what can not be read within bounds is refused, never a crash', () => {
  const laughs = Array.from(
    { length: 12 },
    (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}, `.repeat(9)}]\n`,
  ).join('');
  for (const before of [
    `${laughs}spec:\n  prune: true\n`,
    `spec:\n  prune: true\n  x: ${'['.repeat(20_000)}\n`,
  ])
    expect(() => setFields(before, 0, orphan)).toThrow(EditRefused);
  const fewAliases = `x: &x y\nz: [${'*x, '.repeat(300)}]\nspec:\n  prune: true\n`;
  expect(setFields(fewAliases, 0, orphan)).toContain('prune: false');
});
