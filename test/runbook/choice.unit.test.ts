/** Which of several things an environment variable asks for, and what is said of a name that is none. */
import { afterEach, expect, test, vi } from 'vitest';
import { chosenTries } from './choice.ts';

afterEach(() => void vi.unstubAllEnvs());

test('all are tried where none is named', () => {
  vi.stubEnv('RUNBOOK', '');
  expect(chosenTries()).toContain('held');
  expect(chosenTries().length).toBeGreaterThan(1);
});

test('those named are tried, in the order in which they stand', () => {
  vi.stubEnv('RUNBOOK', 'helm,held');
  expect(chosenTries()).toEqual(['held', 'helm']);
});

test('a name that is none is refused with those that there are', () => {
  vi.stubEnv('RUNBOOK', 'held,hlem');
  expect(() => chosenTries()).toThrow(/^RUNBOOK has no hlem; there are held, .*helm/);
});
