/** The credentials of one lane's worker, which can be taken away without anyone else's: a user of the Git server, a user of the cluster. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { ensureCertificate } from '../../lab/certificates.ts';
import { keyPair, type ClusterLayout } from '../../lab/cluster/layout.ts';
import { labDirectory, type LabCluster } from '../../lab/description.ts';
import type { Kubectl } from '../lab/kubectl.ts';

/** The name of the binding that gives the worker its rights; it comes and goes with them. */
export const bindingName = 'fault-matrix-worker';

export interface WorkerCredentials {
  readonly username: string;
  readonly tokenFile: string;
  readonly kubeconfig: string;
  grant(): Promise<void>;
  revoke(): Promise<void>;
}

export async function makeCredentials(
  folder: string,
  layout: ClusterLayout,
  cluster: LabCluster,
  kubectl: Kubectl,
): Promise<WorkerCredentials> {
  await mkdir(folder, { recursive: true });
  const username = `worker-of-${cluster.name}`;
  const token = randomBytes(20).toString('hex');
  const tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const { stdout } = await execa('openssl', ['passwd', '-apr1', '-stdin'], { input: `${token}\n` });
  const line = `${username}:${stdout.trim()}`;
  const kubeconfig = await writeKubeconfig(folder, layout, cluster, username);
  return {
    username,
    tokenFile,
    kubeconfig,
    async grant() {
      await kubectl.apply(JSON.stringify(binding(username)));
      await editPasswords((lines) => [...lines.filter((each) => !each.startsWith(`${username}:`)), line]);
    },
    async revoke() {
      await editPasswords((lines) => lines.filter((each) => !each.startsWith(`${username}:`)));
      await kubectl.run('delete', 'clusterrolebinding', bindingName, '--ignore-not-found');
    },
  };
}

function binding(username: string): object {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: bindingName },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup, kind: 'User', name: username }],
  };
}

/** A certificate of the cluster's authority, in no group: its rights are those of the binding alone. */
async function writeKubeconfig(
  folder: string,
  layout: ClusterLayout,
  cluster: LabCluster,
  commonName: string,
): Promise<string> {
  const pair = { certificate: path.join(folder, 'worker.crt'), key: path.join(folder, 'worker.key') };
  await ensureCertificate(keyPair(layout, 'authority'), pair, { commonName });
  const encoded = async (file: string) => (await readFile(file)).toString('base64');
  const document = parse(await readFile(cluster.handoverKubeconfig, 'utf8')) as { users: { user: object }[] };
  for (const entry of document.users)
    entry.user = {
      'client-certificate-data': await encoded(pair.certificate),
      'client-key-data': await encoded(pair.key),
    };
  const file = path.join(folder, 'kubeconfig');
  await writeFile(file, stringify(document), { mode: 0o600 });
  return file;
}

let editing: Promise<unknown> = Promise.resolve();

/** One lane after the other; the Git server reads the file at each request, so it is replaced as a whole. */
function editPasswords(edit: (lines: string[]) => string[]): Promise<void> {
  const file = path.join(labDirectory, 'git', 'passwords');
  const replace = async (): Promise<void> => {
    const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
    await writeFile(`${file}.new`, `${edit(lines).join('\n')}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  const turn = editing.then(replace);
  editing = turn.catch(() => undefined);
  return turn;
}
