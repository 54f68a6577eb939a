/** A bent way to an API server: a test says which requests fail, and which token is the right one. What is not bent is answered by the real one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A status; `nothing` ends the connection. */
type Answer = number | 'nothing';

export interface Bent {
  /** Of the context `test`. */
  readonly kubeconfig: string;
  /** Asked for each request; null: the API server answers. */
  answer: ((path: string) => Answer | null) | null;
  /** The one that is taken for the real one; with any other the API server refuses. */
  token: string;
  /** Ends what is under way: watches, too. */
  cut(): void;
  writeKubeconfig(token: string): void;
  stop(): Promise<void>;
}

interface Kubeconfig {
  clusters: { cluster: { server: string } }[];
  users: { user: { token: string } }[];
}

/** @param kubeconfig of the real one, as JSON with a token */
export async function bend(kubeconfig: string): Promise<Bent> {
  const directory = mkdtempSync(join(tmpdir(), 'bent-'));
  const real = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const target = real.clusters[0]?.cluster.server ?? '';
  const realToken = real.users[0]?.user.token ?? '';
  const proxy = http.createServer((request, response) => {
    const path = new URL(request.url ?? '/', target).pathname;
    const answer = bent.answer?.(path) ?? null;
    if (answer === 'nothing') {
      request.socket.destroy();
      return;
    }
    if (answer !== null) {
      response.writeHead(answer).end(`${answer} as the test says`);
      return;
    }
    const right = request.headers.authorization === `Bearer ${bent.token}`;
    const onward = https.request(
      new URL(request.url ?? '/', target),
      {
        method: request.method ?? 'GET',
        headers: { ...request.headers, authorization: `Bearer ${right ? realToken : 'wrong'}` },
        rejectUnauthorized: false,
      },
      (found) => {
        response.writeHead(found.statusCode ?? 502, found.headers);
        found.pipe(response);
        found.on('error', () => response.destroy());
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const bent: Bent = {
    kubeconfig: join(directory, 'kubeconfig'),
    answer: null,
    token: 'first',
    cut: () => proxy.closeAllConnections(),
    writeKubeconfig(token) {
      const [cluster] = real.clusters;
      const [user] = real.users;
      const written = {
        ...real,
        clusters: [
          { ...cluster, cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
        ],
        users: [{ ...user, user: { token } }],
      };
      writeFileSync(bent.kubeconfig, JSON.stringify(written), { mode: 0o600 });
    },
    async stop() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  bent.writeKubeconfig('first');
  return bent;
}
