import { expect, test } from 'vitest';
import type { Finding } from '../contract.ts';
import type { Standing } from '../standing/standing.ts';
import { misfitsFor } from './find-way-back.ts';

const misfit: Finding = {
  id: 'instance-gone',
  severity: 'refuse',
  what: 'it is gone',
  why: 'why',
  mend: 'mend',
};
const standing = (change: Partial<Standing>): Standing =>
  ({ cluster: 'edge', run: 'home-1', misfits: [], ...change }) as Standing;

test('what does not fit the run at hand keeps it from being undone', () => {
  expect(misfitsFor('home-1', standing({}))).toEqual([]);
  expect(misfitsFor('home-1', standing({ misfits: [misfit] }))).toEqual([misfit]);
});

test('where another run is at hand, nothing of this one is undone', () => {
  const [found] = misfitsFor('home-0', standing({}));
  expect(found).toMatchObject({ id: 'another-run', what: expect.stringContaining('of run home-1') });
  expect(found?.mend).toContain('flux-handover rollback --direct edge');
});

test('where no run is at hand, there is nothing that another one could have left', () => {
  expect(misfitsFor('home-1', standing({ run: null }))).toEqual([]);
});
