/** Against a real HTTP server that goes and comes: what a refusal means depends on whether it has only just come back. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openConnection } from './connection.ts';

const body = JSON.stringify({ kind: 'Status', message: 'pods is forbidden', code: 403 });
let server: http.Server | undefined;
afterEach(() => server?.close());

function listen(port = 0): Promise<number> {
  const listening = http.createServer((_, response) => response.writeHead(403).end(body));
  server = listening;
  return new Promise((resolve) =>
    listening.listen(port, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port)),
  );
}

function kubeconfigOf(port: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'connection-')), 'kubeconfig');
  const named = (what: object, key: string): object[] => [{ name: 'edge', [key]: what }];
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: named({ server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }, 'cluster'),
      users: named({}, 'user'),
      contexts: named({ cluster: 'edge', user: 'edge' }, 'context'),
    }),
  );
  return file;
}

test('a refusal is one, by a server that was there', async () => {
  const connection = openConnection({ context: 'edge', kubeconfig: kubeconfigOf(await listen()) });
  await expect(connection.send('/api/v1/pods')).rejects.toMatchObject({ reason: 'forbidden', status: 403 });
});

test('a server that has only just come back may refuse before it knows anybody: worth another try, on any connection', async () => {
  const port = await listen();
  const kubeconfig = kubeconfigOf(port);
  await new Promise((resolve) => server?.close(resolve));
  const away = openConnection({ context: 'edge', kubeconfig });
  await expect(away.send('/api/v1/pods')).rejects.toMatchObject({ reason: 'unreachable', status: 0 });
  await listen(port);
  const another = openConnection({ context: 'edge', kubeconfig });
  await expect(another.send('/api/v1/pods')).rejects.toMatchObject({ reason: 'unreachable', status: 403 });
});
