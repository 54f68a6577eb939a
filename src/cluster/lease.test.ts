/** What is read from a Lease that anyone may have edited. */
import { expect, test } from 'vitest';
import { standOf } from './lease.ts';
import type { LiveObject } from './objects.ts';

const stand = { phase: 'adopt', way: 'forward', acting: true, since: '2026-03-01T10:00:00.000Z' };

const lease = (holderIdentity: string, text?: string) =>
  ({
    kind: 'Lease',
    metadata: {
      name: 'flux-handover',
      annotations: text === undefined ? {} : { 'flux-handover/stands-at': text },
    },
    spec: { holderIdentity },
  }) as never as LiveObject;

test.each([
  ['what its own run wrote', lease('home-1', JSON.stringify(stand)), stand],
  ["another run's", lease('home-2', JSON.stringify(stand)), null],
  ['a text that is no JSON', lease('home-1', 'adopt'), null],
  ['a run that has not acted yet', lease('home-1'), null],
  ['no Lease', null, null],
])('%s', (_what, live, expected) => expect(standOf(live, 'home-1')).toEqual(expected));
