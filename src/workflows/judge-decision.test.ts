import { describe, expect, test } from 'vitest';
import type { GateDecision } from './contract.ts';
import {
  judgeDecision,
  judgeResolution,
  judgeRollback,
  judgeSoakSkip,
  type Bench,
} from './judge-decision.ts';

const bench: Bench = {
  cluster: 'edge',
  approvers: undefined,
  heard: new Set(),
  gate: { gate: 'cutover', digest: 'sha256:now', since: '', planDigest: '', shown: [], evidence: [] },
  soaking: true,
  hold: ['retry', 'rollback'],
  goingBack: false,
};
const decision: GateDecision = {
  requestId: 'r1',
  gate: 'cutover',
  digest: 'sha256:now',
  decision: 'approve',
  approver: 'anna',
};
const verdict = (change: Partial<GateDecision>, on: Partial<Bench> = {}): string =>
  judgeDecision({ ...bench, ...on }, { ...decision, ...change }).verdict;

describe('a decision', () => {
  test('for the open gate and what it shows is accepted, approval and rejection alike', () => {
    expect(verdict({})).toBe('accepted');
    expect(verdict({ decision: 'reject' })).toBe('accepted');
  });

  test.each<[string, Partial<GateDecision>, Partial<Bench>]>([
    ['an unknown gate', { gate: 'finish' as 'start' }, {}],
    ['another gate', { gate: 'retire' }, {}],
    ['no open gate', {}, { gate: null }],
    ['another digest', { digest: 'sha256:then' }, {}],
    ['no digest', { digest: undefined as unknown as string }, {}],
    ['no request id', { requestId: '' }, {}],
    ['no approver', { approver: '' }, {}],
    ['an approver who is not listed', {}, { approvers: ['ben'] }],
    ['an empty list of approvers', {}, { approvers: [] }],
    ['neither yes nor no', { decision: 'later' as 'reject' }, {}],
    ['fields of other types', { approver: { name: 'anna' } as unknown as string }, {}],
  ])('with %s is refused', (_, change, on) => expect(verdict(change, on)).toBe('refused'));

  test('that was heard before is a duplicate, whatever else it says', () => {
    expect(verdict({ digest: 'sha256:then' }, { heard: new Set(['r1']) })).toBe('duplicate');
  });

  test('of a listed approver is accepted', () =>
    expect(verdict({}, { approvers: ['anna'] })).toBe('accepted'));

  test('that is refused says what to do', () => {
    const { why } = judgeDecision(bench, { ...decision, digest: 'sha256:then' });
    expect(why).toBe(
      'the decision is for sha256:then, but gate cutover now shows sha256:now; look again with: flux-handover status edge',
    );
  });
});

describe('a word on a soak or a hold', () => {
  const word = { requestId: 'r2', approver: 'anna' };

  test('ends a soak that goes on, and no other', () => {
    expect(judgeSoakSkip(bench, word).verdict).toBe('accepted');
    expect(judgeSoakSkip({ ...bench, soaking: false }, word).verdict).toBe('refused');
    expect(judgeSoakSkip({ ...bench, approvers: ['ben'] }, word).verdict).toBe('refused');
  });

  test('resolves a hold with what is offered, and with nothing else', () => {
    expect(judgeResolution(bench, { ...word, action: 'rollback' }).verdict).toBe('accepted');
    expect(judgeResolution(bench, { ...word, action: 'abandon' })).toEqual({
      verdict: 'refused',
      why: '"abandon" is not offered here: choose retry, rollback',
    });
    expect(judgeResolution({ ...bench, hold: null }, { ...word, action: 'retry' }).verdict).toBe('refused');
  });
});

describe('a word to go back', () => {
  const word = { requestId: 'r3', approver: 'anna' };

  test('counts whatever goes on, but only once', () => {
    expect(judgeRollback({ ...bench, gate: null, soaking: false, hold: null }, word)).toEqual({
      verdict: 'accepted',
      why: 'the way back is taken on the word of anna',
    });
    expect(judgeRollback({ ...bench, goingBack: true }, word)).toEqual({
      verdict: 'refused',
      why: 'edge is on its way back already; look again with: flux-handover status edge',
    });
  });

  test('counts only from those who may approve', () => {
    expect(judgeRollback({ ...bench, approvers: ['ben'] }, word).verdict).toBe('refused');
    expect(judgeRollback({ ...bench, heard: new Set(['r3']) }, word).verdict).toBe('duplicate');
    expect(judgeRollback(bench, { requestId: '', approver: 'anna' }).verdict).toBe('refused');
  });
});
