import { expect, test } from 'vitest';
import { randomBytes } from 'node:crypto';
import type { LiveObject } from '../cluster/objects.ts';
import { keepOnCluster, readFromCluster } from './kept-on-cluster.ts';
import type { Session } from './session.ts';

/** A cluster that holds one ConfigMap, as the API server would. */
function sessions(): (run: string) => Session {
  let held: LiveObject | null = null;
  const cluster = {
    find: async () => held,
    create: async (object: LiveObject) => (held = { ...object, metadata: { ...object.metadata, uid: 'a' } }),
    merge: async (
      _reference: unknown,
      patch: { data: object; binaryData: Record<string, string | null> },
    ) => {
      const binaryData = { ...(held?.['binaryData'] as object), ...patch.binaryData };
      const kept = Object.fromEntries(Object.entries(binaryData).filter(([, value]) => value !== null));
      held = { ...(held as LiveObject), data: patch.data, binaryData: kept };
      return held;
    },
  };
  return (run) => ({ cluster, namespace: 'flux-system', input: { run } }) as unknown as Session;
}

test('what a run keeps is read again, file by file', async () => {
  const session = sessions()('home-1');
  expect(await readFromCluster(session, 'a.json')).toBeNull();
  expect(await keepOnCluster(session, 'a.json', '{"a":1}')).toBe(true);
  expect(await keepOnCluster(session, 'b.json', '{"b":2}')).toBe(true);
  expect(await readFromCluster(session, 'a.json')).toBe('{"a":1}');
  expect(await readFromCluster(session, 'b.json')).toBe('{"b":2}');
});

test('nothing of another run passes for this one, and it goes when this one keeps something', async () => {
  const at = sessions();
  await keepOnCluster(at('home-1'), 'a.json', 'of the first');
  expect(await readFromCluster(at('home-2'), 'a.json')).toBeNull();
  await keepOnCluster(at('home-2'), 'b.json', 'of the second');
  expect(await readFromCluster(at('home-1'), 'a.json')).toBeNull();
  expect(await readFromCluster(at('home-2'), 'b.json')).toBe('of the second');
});

test('what is too large for a ConfigMap is left to Git', async () => {
  const session = sessions()('home-1');
  expect(await keepOnCluster(session, 'a.json', randomBytes(1024 * 1024).toString('hex'))).toBe(false);
  expect(await readFromCluster(session, 'a.json')).toBeNull();
});
