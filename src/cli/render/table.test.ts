import { expect, test } from 'vitest';
import { plainPaint } from '../terminal.ts';
import { breakLongWords, table } from './table.ts';

test('a word that is too long is broken after its punctuation, and nothing of it is lost', () => {
  expect(breakLongWords('see kubernetes/edge/flux-system now', 12)).toBe(
    'see kubernetes/\nedge/flux-\nsystem now',
  );
  expect(breakLongWords('abcdefghij', 4)).toBe('abcd\nefgh\nij');
});

test('a table keeps to its width', () => {
  const text = table(
    [
      { title: 'One', share: 1 },
      { title: 'Two', share: 2 },
    ],
    [['a b c d e f g h i j k l', 'source-controller,kustomize-controller,helm-controller']],
    { width: 40, paint: plainPaint() },
  );
  expect(text.split('\n').filter((line) => line.length > 40)).toEqual([]);
  expect(text).not.toContain('…');
});
