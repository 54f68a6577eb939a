/** Which reconciliations count as the answer to a request. */
import { expect, test } from 'vitest';
import { handledSince, requestToken } from './flux.ts';
import type { LiveObject } from './objects.ts';

const handled = (lastHandledReconcileAt?: string) =>
  ({
    kind: 'Kustomization',
    metadata: { name: 'apps' },
    status: { lastHandledReconcileAt },
  }) as never as LiveObject;
const token = 'handover-2026-03-01T10:00:00.500Z';

test.each([
  ['the request itself', token, true],
  ['a later one of ours that overwrote it', 'handover-2026-03-01T10:00:01.000Z.2', true],
  ['one of ours from before', 'handover-2026-03-01T10:00:00.499Z.0', false],
  ["a person's, whose clock may be another", '2026-03-01T12:00:00.000000001+01:00', false],
  ['none', undefined, false],
])('%s', (_what, mark, expected) => expect(handledSince(handled(mark), token)).toBe(expected));

test('a token sorts after those made before it', async () => {
  const first = requestToken();
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect(requestToken() > first).toBe(true);
});
