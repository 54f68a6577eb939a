/** A Kubernetes API server and its etcd on the loopback, without nodes: enough to ask whether it would take an object. */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { freePort } from '../../lab/network/free-port.ts';

export interface ApiServer {
  /** Path of a kubeconfig whose context `test` may do everything. */
  readonly kubeconfig: string;
  /** Runs kubectl against it; throws with its words when it fails. */
  kubectl(args: string[], input?: string): Promise<string>;
  stop(): Promise<void>;
}

/** @param bin folder of kube-apiserver, etcd and kubectl. @throws after a minute without an answer */
export async function startApiServer(bin: string): Promise<ApiServer> {
  const directory = mkdtempSync(join(tmpdir(), 'api-server-'));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = crypto.randomUUID();
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = file('service-accounts.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const run = (name: string, parameters: string[]): ChildProcess =>
    spawn(join(bin, name), parameters, {
      stdio: ['ignore', 'ignore', openSync(join(directory, `${name}.log`), 'w')],
    });
  const programs = [
    run('etcd', [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${client}`,
      `--advertise-client-urls=http://127.0.0.1:${client}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync',
    ]),
    run('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${client}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${secure}`,
      `--cert-dir=${join(directory, 'certificates')}`,
      '--authorization-mode=AlwaysAllow',
      `--token-auth-file=${file('tokens.csv', `${token},test,test,system:masters\n`)}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      '--disable-admission-plugins=ServiceAccount',
    ]),
  ];
  const kubeconfig = file(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'test',
          cluster: { server: `https://127.0.0.1:${secure}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    }),
  );
  const server: ApiServer = {
    kubeconfig,
    async kubectl(args, input = '') {
      const { stdout, stderr, failed } = await execa(
        join(bin, 'kubectl'),
        ['--kubeconfig', kubeconfig, ...args],
        { input, reject: false },
      );
      if (failed) throw new Error(stderr);
      return stdout;
    },
    async stop() {
      const gone = programs.map((program) => new Promise((resolve) => program.once('exit', resolve)));
      // Nothing of it is to be kept.
      for (const program of programs) program.kill('SIGKILL');
      await Promise.all(gone);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await ready(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function ready(server: ApiServer): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      await server.kubectl(['get', '--raw', '/readyz']);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}
