/** What is taken for findings, and what is not. */
import { describe, expect, test } from 'vitest';
import { failure } from './failure.ts';
import { findingsIn, refusal } from './finding.ts';

describe('the findings in what was thrown', () => {
  const finding = refusal('lock-held', 'another run drives', 'two undo each other', 'let it end');

  test('are those that a failure of the contract was made with', () =>
    expect(findingsIn(failure('LockHeld', [finding]))).toEqual([finding]));

  test.each([
    ['an error without details', new Error('x')],
    ['details of another kind', Object.assign(new Error('x'), { details: [['a sentence']] })],
    ['nothing at all', undefined],
  ])('are none in %s', (_, thrown) => expect(findingsIn(thrown)).toEqual([]));
});
