/** Which files Flux ships: cases from the behaviour of fluxcd/pkg/sourceignore with go-git's patterns. */
import { expect, test } from 'vitest';
import { ignoredBy } from './source-ignore.ts';

function shipped(paths: string[], ignore: string | null, files: Record<string, string> = {}): string[] {
  const ignored = ignoredBy(new Map(Object.entries(files)), ignore);
  return paths.filter((path) => ignored(path) === null);
}

test.each<[string, string | null, Record<string, string>, string[], string[]]>([
  [
    'without patterns the defaults hold',
    null,
    {},
    [
      'a.yaml',
      '.github/workflows/a.yaml',
      'x/.sops.yaml',
      '.sops.yaml',
      'logo.png',
      '.gitmodules',
      'x/.travis.yml',
    ],
    ['a.yaml'],
  ],
  [
    "a pattern of one's own replaces them, but never those of Git itself",
    'docs/',
    {},
    [
      'a.yaml',
      '.github/workflows/a.yaml',
      '.sops.yaml',
      '.gitignore',
      'docs/a.yaml',
      'x/docs/b.yaml',
      'docs',
    ],
    ['a.yaml', '.github/workflows/a.yaml', '.sops.yaml', 'docs'],
  ],
  [
    'all but one folder, also where the folder lies deeper (unlike Git)',
    '/*\n!/kubernetes/main\n',
    {},
    ['a.yaml', 'kubernetes/main/a.yaml', 'kubernetes/edge/a.yaml', 'x/kubernetes/main/a.yaml'],
    ['kubernetes/main/a.yaml'],
  ],
  ['the last match wins', '*.yaml\n!b.yaml\n', {}, ['a.yaml', 'b.yaml', 'x/b.yaml'], ['b.yaml', 'x/b.yaml']],
  [
    'a .sourceignore counts below its folder',
    null,
    { x: '# comment\n\n*.md\n/y/**/z.yaml\n' },
    ['a.md', 'x/a.md', 'x/y/z.yaml', 'x/y/1/2/z.yaml', 'y/z.yaml', 'x/q/y/z.yaml'],
    ['a.md', 'y/z.yaml', 'x/q/y/z.yaml'],
  ],
  [
    'characters and sets',
    'a?.yaml\n[0-9]*.yaml\n',
    {},
    ['ab.yaml', 'a.yaml', '12.yaml', 'x1.yaml'],
    ['a.yaml', 'x1.yaml'],
  ],
  ['a malformed set matches nothing', '[a\n', {}, ['a', '[a'], ['a', '[a']],
])('%s', (_, ignore, files, paths, expected) => {
  expect(shipped(paths, ignore, files)).toEqual(expected);
});

test('the pattern that decides is told with its place', () => {
  const ignored = ignoredBy(new Map([['x', '# none\n*.md\n']]), '/y\n');
  expect(ignored('x/a.md')).toMatchObject({ text: '*.md', folder: 'x', line: 2 });
  expect(ignored('y/a.yaml')).toMatchObject({ text: '/y', folder: null });
});

test('a pattern of many stars ends', () => {
  const ignored = ignoredBy(new Map(), `${'*a'.repeat(40)}b`);
  expect(ignored('a'.repeat(5000))).toBeNull();
  expect(ignored(`${'a'.repeat(500)}b`)).not.toBeNull();
});
