/** A moment is recognised when it is there, not before and not afterwards; an end is taken for one only when it is stable. */
import { describe, expect, it } from 'vitest';
import { phasesOf, type PhaseName } from '../../src/plan/phases.ts';
import type { ClusterState, ClusterStatus } from '../../src/workflows/contract.ts';
import type { Moment } from './cells.ts';
import { endOf, momentOf, type Standing } from './standing.ts';

const order = (phasesOf('self-managed') ?? []).map(({ name }) => name);

function at(phase: PhaseName | null, steps: string[] = [], state: ClusterState = 'running'): Standing {
  return { status: { phase, state } as ClusterStatus, ended: state === 'done', steps };
}

const moment = (standing: Standing, phase: PhaseName, when: Moment | 'begin') =>
  momentOf(standing, order, { phase, moment: when });
const end = (standing: Standing, phase: PhaseName, when: Moment = 'during') =>
  endOf(standing, order, { phase, moment: when });

describe('the moment', () => {
  it('before a phase acts is while it is shown and its commit is not on the branch', () => {
    expect(moment(at('operator'), 'stage', 'before')).toBe('not yet');
    expect(moment(at('stage', ['operator']), 'stage', 'before')).toBe('now');
    expect(moment(at('stage', ['operator', 'stage']), 'stage', 'before')).toBe('past');
  });

  it('during a phase is while it is shown and its commit is there', () => {
    expect(moment(at('stage', ['operator']), 'stage', 'during')).toBe('not yet');
    expect(moment(at('stage', ['operator', 'stage']), 'stage', 'during')).toBe('now');
    expect(moment(at('adopt', ['operator', 'stage']), 'stage', 'during')).toBe('past');
  });

  it('after a phase is while the next one is shown', () => {
    expect(moment(at('stage', ['stage']), 'stage', 'after')).toBe('not yet');
    expect(moment(at('adopt', ['stage']), 'stage', 'after')).toBe('now');
    expect(moment(at('soak', ['stage', 'adopt']), 'stage', 'after')).toBe('past');
    expect(moment(at('settle', ['retire'], 'soaking'), 'retire', 'after')).toBe('now');
  });

  it('is missed in a cluster that is held, and not there while nothing is known', () => {
    for (const state of ['held', 'rolling-back', 'rolled-back', 'stopped'] as const)
      expect(moment(at('operator', [], state), 'stage', 'before'), state).toBe('past');
    expect(moment(at('adopt', [], 'waiting-for-window'), 'adopt', 'before')).toBe('now');
    expect(moment({ status: null, ended: false, steps: [] }, 'stage', 'before')).toBe('not yet');
  });
});

describe('the end', () => {
  it('is to have gone on when the next phase is shown', () => {
    expect(end(at('stage', ['stage']), 'stage')).toBeUndefined();
    expect(end(at('adopt', ['stage']), 'stage')).toBe('went-on');
    expect(end(at('settle', ['retire'], 'soaking'), 'retire')).toBe('went-on');
    expect(end(at('settle', ['retire'], 'done'), 'retire')).toBe('went-on');
  });

  it('after a phase wants more: the next one must have acted', () => {
    expect(end(at('adopt', ['stage']), 'stage', 'after')).toBeUndefined();
    expect(end(at('adopt', ['stage', 'adopt']), 'stage', 'after')).toBe('went-on');
    expect(end(at('soak', ['adopt'], 'soaking'), 'adopt', 'after')).toBeUndefined();
    expect(end(at('retire', ['adopt']), 'adopt', 'after')).toBe('went-on');
    expect(end(at('settle', ['retire'], 'soaking'), 'retire', 'after')).toBeUndefined();
    expect(end(at('settle', ['retire'], 'done'), 'retire', 'after')).toBe('went-on');
  });

  it('is a hold or legacy, but not the way there', () => {
    expect(end(at('adopt', [], 'held'), 'adopt')).toBe('held');
    expect(end(at('adopt', [], 'rolling-back'), 'orphan')).toBeUndefined();
    expect(end(at('adopt', [], 'rolled-back'), 'adopt')).toBe('came-back');
    expect(end({ status: null, ended: false, steps: [] }, 'adopt')).toBeUndefined();
  });
});
