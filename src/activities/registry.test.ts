import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkPull, parseImage } from './registry.ts';

test('image references are read the way container tools read them', () => {
  expect(parseImage('oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator:0.58.1')).toEqual({
    host: 'ghcr.io',
    repository: 'controlplaneio-fluxcd/charts/flux-operator',
    reference: '0.58.1',
  });
  expect(parseImage('localhost:5000/a/b')).toEqual({
    host: 'localhost:5000',
    repository: 'a/b',
    reference: 'latest',
  });
  expect(parseImage('ghcr.io/a/b:v1@sha256:00').reference).toBe('sha256:00');
  expect(parseImage('busybox:1')).toEqual({
    host: 'registry-1.docker.io',
    repository: 'library/busybox',
    reference: '1',
  });
});

test('a registry that wants a token is given one, and each answer is told apart', async () => {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url?.startsWith('/token')) response.end(JSON.stringify({ token: 'anonymous' }));
    else if (request.headers.authorization !== 'Bearer anonymous')
      response
        .writeHead(401, {
          'www-authenticate': `Bearer realm="http://127.0.0.1:${port}/token",service="test",scope="pull"`,
        })
        .end();
    else if (request.url === '/v2/a/there/manifests/1')
      response.writeHead(200, { 'docker-content-digest': 'sha256:1' }).end();
    else if (request.url?.startsWith('/v2/private')) response.writeHead(403).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mirrors = { 'example.org': `127.0.0.1:${(server.address() as AddressInfo).port}` };
  const { signal } = new AbortController();
  try {
    expect(await checkPull('example.org/a/there:1', mirrors, signal)).toEqual({
      state: 'pullable',
      digest: 'sha256:1',
    });
    expect((await checkPull('example.org/a/gone:1', mirrors, signal)).state).toBe('missing');
    expect((await checkPull('example.org/private/a:1', mirrors, signal)).state).toBe('forbidden');
  } finally {
    server.close();
    server.closeAllConnections();
  }
  expect((await checkPull('example.org/a/there:1', mirrors, signal)).state).toBe('unreachable');
});
