import { expect, test } from 'vitest';
import type { Standing } from '../activities/standing/standing.ts';
import { keptFor } from './take-free.ts';

const lease = {
  identity: 'home-1',
  run: 'home-1',
  direct: false,
  about: {},
  renewedAt: '2026-01-01T00:00:00Z',
  fresh: false,
};
const abandoned = { cluster: 'edge', run: 'home-1', lease, due: [], misfits: [] } as unknown as Standing;

test('a Lease that an ended run kept without having changed anything may be taken', () => {
  expect(keptFor(abandoned)).toBeNull();
  expect(keptFor({ ...abandoned, lease: null })).toBeNull();
});

test('a Lease that somebody renews may not', () => {
  expect(keptFor({ ...abandoned, lease: { ...lease, fresh: true } })).toMatchObject({ id: 'lease-in-use' });
});

test('a Lease whose run left something to undo may not, and the way back is named', () => {
  const due = [{ name: 'restoreLegacyOwner', phase: 'orphan' } as const];
  expect(keptFor({ ...abandoned, due })?.mend).toContain('flux-handover rollback --direct edge');
});
