/** How often a live view asks for everything again, on an API server that never has news. */
import { addAbortSignal, PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { viewWatched } from '../activities/watch/watched.ts';
import type { Cluster } from './cluster.ts';
import { viewFlux } from './collections.ts';

const resource = (apiVersion: string, kind: string) => ({
  apiVersion,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});

/** @param listed takes the path of each list; @param bookmarks keep a connection alive: without them it is silent */
function quietCluster(listed: (path: string) => void, bookmarks = true): Cluster {
  return {
    connection: {
      settings: {},
      send: (path: string) => {
        listed(path);
        return Promise.resolve({ items: [], metadata: { resourceVersion: '1' } });
      },
      stream: (_path: string, { signal }: { signal: AbortSignal }) => {
        const stream = Object.assign(new PassThrough(), {
          setTimeout: (milliseconds: number, silent: () => void) =>
            bookmarks ? undefined : void setTimeout(silent, milliseconds),
        });
        return Promise.resolve(addAbortSignal(signal, stream));
      },
    },
    discovery: {
      resourcesOfGroups: () => Promise.resolve([]),
      resource: (apiVersion: string, kind: string) => Promise.resolve(resource(apiVersion, kind)),
    },
  } as unknown as Cluster;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  { what: 'a step', view: viewFlux, within: 60_000, lists: 3 },
  { what: 'the watch, which lasts for days,', view: viewWatched, within: 290_000, lists: 1 },
])('$what lists Deployments $lists times within $within ms', async ({ view, within, lists }) => {
  const paths: string[] = [];
  const opened = await view(
    quietCluster((path) => paths.push(path)),
    'flux-system',
  );
  await vi.advanceTimersByTimeAsync(within);
  expect(paths.filter((path) => path.includes('deployments'))).toHaveLength(lists);
  await opened.close();
});

test('a watch whose connection is dead, as after a night of sleep, is begun anew, and can be ended', async () => {
  const paths: string[] = [];
  const opened = await viewWatched(
    quietCluster((path) => paths.push(path), false),
    'flux-system',
  );
  await vi.advanceTimersByTimeAsync(200_000);
  expect(paths.filter((path) => path.includes('deployments'))).toHaveLength(3);
  expect(opened.troubles).toEqual([]);
  await opened.close();
});
