import { expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { discover } from './discovery.ts';

const listable = (...kinds: string[]): object => ({
  resources: kinds.map((kind) => ({
    name: `${kind.toLowerCase()}s`,
    kind,
    namespaced: true,
    verbs: ['list'],
  })),
});
/** As Flux 2.9 serves them: Receivers moved on alone. */
const served: Record<string, object> = {
  '/apis': {
    groups: [
      {
        name: 'notification.toolkit.fluxcd.io',
        preferredVersion: { groupVersion: 'notification.toolkit.fluxcd.io/v1' },
        versions: [
          { groupVersion: 'notification.toolkit.fluxcd.io/v1' },
          { groupVersion: 'notification.toolkit.fluxcd.io/v1beta3' },
        ],
      },
    ],
  },
  '/apis/notification.toolkit.fluxcd.io/v1': listable('Receiver'),
  '/apis/notification.toolkit.fluxcd.io/v1beta3': listable('Receiver', 'Provider', 'Alert'),
};

test('each kind of a group is found once, at the preferred version where that has it', async () => {
  const send = async (path: string): Promise<unknown> => served[path];
  const discovery = discover({ send } as unknown as Connection);
  const found = await discovery.resourcesOfGroups('.fluxcd.io');
  expect(found.map(({ apiVersion, kind }) => `${kind} ${apiVersion.split('/')[1]}`)).toEqual([
    'Receiver v1',
    'Provider v1beta3',
    'Alert v1beta3',
  ]);
});
