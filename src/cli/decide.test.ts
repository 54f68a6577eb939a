import { describe, expect, test } from 'vitest';
import { exampleFleet } from '../report/example.ts';
import { begunCluster, matchDigest } from './decide.ts';
import { fit } from './screen.ts';

describe('a digest on the command line', () => {
  const shown = `sha256:${'3f9a51c07e2b'.padEnd(64, '0')}`;

  test('may be short, with or without its prefix', () => {
    expect(matchDigest('3f9a51c07e2b', shown)).toBe(shown);
    expect(matchDigest('sha256:3f9a51c07e2b00', shown)).toBe(shown);
  });

  test('that is too short or another one is sent as it is, and so refused on record', () => {
    expect(matchDigest('3f9a', shown)).toBe('3f9a');
    expect(matchDigest('sha256:000000000000', shown)).toBe('sha256:000000000000');
  });
});

test('a cluster that the run has not come to can not be decided on', () => {
  expect(begunCluster(exampleFleet(), 'edge').status.phase).toBe('adopt');
  expect(() => begunCluster(exampleFleet(), 'main')).toThrow(/has not come to main/);
});

test('a page is cut to the rows of the screen, counting lines that wrap', () => {
  expect(fit('one\n\u001B[2mtwo two two\u001B[22m\nthree', 3, 6)).toEqual({
    lines: ['one', '\u001B[2mtwo two two\u001B[22m'],
    height: 3,
  });
});
