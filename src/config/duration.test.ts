import { describe, expect, test } from 'vitest';
import { durationMs, durationText } from './duration.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['250ms', 250],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1d12h', 129_600_000],
  ])('%s is %d ms', (text, ms) => expect(durationMs(text)).toBe(ms));

  test.each(['', '5', '1.5h', '-3m', '1 h', '3w', 'h1'])('"%s" is refused', (text) =>
    expect(() => durationMs(text)).toThrow(RangeError),
  );

  test.each([
    [604_800_000, '7d'],
    [5_400_000, '1h30m'],
    [45_400, '45s'],
    [90_061_000, '1d1h'],
    [0, '0s'],
    [-5, '0s'],
  ])('%d ms reads %s', (ms, text) => expect(durationText(ms)).toBe(text));
});
