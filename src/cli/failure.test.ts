import { describe, expect, test } from 'vitest';
import { explain } from './failure.ts';
import { Stopped } from './outcome.ts';

/** An error as other parts throw it, with fields of its own. */
function errorWith(name: string, message: string, fields: object): Error {
  return Object.assign(new Error(message), { name }, fields);
}

describe('an error', () => {
  test('with a mend is known and fails with 2', () => {
    expect(
      explain(
        errorWith('GitForbidden', 'all in one', {
          what: 'Git refused',
          why: 'no right',
          mend: 'set credentials',
        }),
      ),
    ).toEqual({
      known: true,
      code: 2,
      what: 'Git refused',
      why: 'no right',
      mend: 'set credentials',
    });
  });

  test('with findings is a refusal and ends with 1', () => {
    const finding = { id: 'x', severity: 'refuse', what: 'a', why: 'b', mend: 'c' };
    expect(explain(errorWith('ApplicationFailure', 'refused', { details: [[finding]] }))).toMatchObject({
      known: true,
      code: 1,
      what: 'a',
      findings: [finding],
    });
  });

  test('of the command keeps its own exit code', () => {
    expect(explain(new Stopped(1, { what: 'no', mend: 'yes' }))).toMatchObject({
      known: true,
      code: 1,
      what: 'no',
      mend: 'yes',
    });
  });

  test.each([
    [
      'an unreachable server',
      errorWith('ServiceError', 'Failed to connect before the deadline', {
        cause: Object.assign(new Error('x'), { code: 14 }),
      }),
      /no answer from Temporal/,
    ],
    ['a run that is not there', errorWith('WorkflowNotFoundError', 'x', {}), /no such run/],
    [
      'a kubeconfig context that is not there',
      errorWith('ClusterError', 'no context nowhere', { reason: 'context' }),
      /nowhere/,
    ],
    [
      'a file that is not there',
      errorWith('Error', 'ENOENT: x', { code: 'ENOENT', path: 'handover.yaml' }),
      /handover.yaml does not exist/,
    ],
  ])('of %s is known, with a mend', (_what, error, words) => {
    const explained = explain(error);
    expect(explained).toMatchObject({ known: true, code: 2 });
    expect(explained.what).toMatch(words);
    expect(explained.mend).toBeTruthy();
  });

  test('that nobody foresaw is told as a fault of ours, with its stack', () => {
    expect(explain(new TypeError('x is not a function'))).toMatchObject({
      known: false,
      code: 2,
      stack: expect.stringContaining('TypeError'),
    });
    expect(explain('thrown text')).toMatchObject({
      known: false,
      what: expect.stringContaining('thrown text'),
    });
  });
});
