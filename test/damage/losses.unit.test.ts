import { expect, test } from 'vitest';
import type { Sighting } from '../lab/witness.ts';
import { describeLosses, lossesSince, lost } from './losses.ts';

const since = Date.parse('2026-01-01T00:00:00.000Z');
const before = new Map([
  ['deployments/flux-system/source-controller', 'uid-1'],
  ['deployments/default/echo', 'uid-2'],
  ['leases/flux-system/lock', 'uid-3'],
]);

function sighting(seconds: number, change: Partial<Sighting>): Sighting {
  return {
    at: new Date(since + seconds * 1000).toISOString(),
    event: 'deleted',
    resource: 'deployments',
    object: 'flux-system/source-controller',
    uid: 'uid-1',
    detail: '',
    ...change,
  };
}

test('an object that was there and is deleted is lost, with its seconds', () => {
  const losses = lossesSince(
    { sightings: [sighting(2, { event: 'terminating' }), sighting(3, {})] },
    before,
    since,
  );
  expect(lost(losses, 'deployments', 'deleted')).toEqual(['flux-system/source-controller']);
  expect(describeLosses(losses)).toEqual([
    '1 deployments deleted after 3.0 to 3.0 s: flux-system/source-controller',
  ]);
});

test('one that only hangs in its deletion is told apart', () => {
  const losses = lossesSince({ sightings: [sighting(2, { event: 'terminating' })] }, before, since);
  expect(lost(losses, 'deployments', 'deleted')).toEqual([]);
  expect(lost(losses, 'deployments')).toEqual(['flux-system/source-controller']);
});

test('what came later, came back under another UID, or passes by itself is no loss', () => {
  const sightings = [
    sighting(1, { object: 'default/echo', uid: 'uid-of-a-later-one' }),
    sighting(1, { event: 'created' }),
    sighting(1, { resource: 'leases', object: 'flux-system/lock', uid: 'uid-3' }),
    sighting(-5, {}),
  ];
  expect(lossesSince({ sightings }, before, since)).toEqual([]);
});
