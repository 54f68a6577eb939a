// The certificates and kubeconfigs of one cluster.

import { generateKeyPairSync } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { ensureAuthority, ensureCertificate, type Subject } from '../certificates.ts';
import { writeConfiguration } from '../configuration.ts';
import { configurationFile, describeCluster, keyPair, kubeconfigFile, type ClusterLayout } from './layout.ts';

/** Signs the tokens of service accounts. */
export function serviceAccountKey(layout: ClusterLayout): string {
  return keyPair(layout, 'service-accounts').key;
}

/** Everyone who speaks to the API server; each gets a kubeconfig `<name>.kubeconfig` whose context is the cluster's name. */
function users(layout: ClusterLayout): Record<string, Subject> {
  return {
    admin: { commonName: 'admin', organization: 'system:masters' },
    'flux-handover': { commonName: 'flux-handover', organization: 'system:masters' },
    'controller-manager': { commonName: 'system:kube-controller-manager' },
    scheduler: { commonName: 'system:kube-scheduler' },
    'kube-proxy': { commonName: 'system:kube-proxy' },
    kubelet: { commonName: `system:node:${layout.name}`, organization: 'system:nodes' },
  };
}

/** Makes what is missing; never replaces what is there. */
export async function ensureCredentials(layout: ClusterLayout): Promise<void> {
  const authority = keyPair(layout, 'authority');
  await mkdir(layout.pki, { recursive: true, mode: 0o700 });
  await ensureAuthority(authority, `${layout.addresses.netns} cluster`);
  const { node, apiService } = layout.addresses;
  const inside = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  await Promise.all([
    ensureCertificate(authority, keyPair(layout, 'api-server'), {
      commonName: 'kube-apiserver',
      hostNames: [...inside, 'localhost', layout.name],
      addresses: ['127.0.0.1', node, apiService],
    }),
    ensureCertificate(authority, keyPair(layout, 'api-server-to-kubelet'), {
      commonName: 'kube-apiserver',
      organization: 'system:masters',
    }),
    ensureCertificate(authority, keyPair(layout, 'kubelet-server'), {
      commonName: layout.name,
      hostNames: [layout.name],
      addresses: [node],
    }),
    ensureFrontProxy(layout),
    ...Object.entries(users(layout)).map(async ([name, subject]) => {
      await ensureCertificate(authority, keyPair(layout, name), subject);
      await writeKubeconfig(layout, name);
    }),
    ensureServiceAccountKey(layout),
  ]);
}

/** An authority of its own, or every client certificate could speak for any user through aggregated APIs. */
async function ensureFrontProxy(layout: ClusterLayout): Promise<void> {
  const authority = keyPair(layout, 'front-proxy-authority');
  await ensureAuthority(authority, `${layout.addresses.netns} front proxy`);
  await ensureCertificate(authority, keyPair(layout, 'front-proxy'), { commonName: 'front-proxy' });
}

async function ensureServiceAccountKey(layout: ClusterLayout): Promise<void> {
  const file = serviceAccountKey(layout);
  const present = await access(file).then(
    () => true,
    () => false,
  );
  if (present) return;
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file, privateKey, { mode: 0o600 });
}

async function writeKubeconfig(layout: ClusterLayout, user: string): Promise<void> {
  const pair = keyPair(layout, user);
  const encoded = async (file: string) => (await readFile(file)).toString('base64');
  const { name } = layout;
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: describeCluster(layout).apiServer,
          'certificate-authority-data': await encoded(keyPair(layout, 'authority').certificate),
        },
      },
    ],
    users: [
      {
        name: `${name}-${user}`,
        user: {
          'client-certificate-data': await encoded(pair.certificate),
          'client-key-data': await encoded(pair.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: `${name}-${user}` } }],
    'current-context': name,
  };
  await writeConfiguration(kubeconfigFile(layout, user), stringify(document), 0o600);
}

export const auditPolicyName = 'audit-policy.yaml';

/** Who writes what is recorded, reads are not. Leases and events of the system's own parts would drown the rest. */
export async function writeAuditPolicy(layout: ClusterLayout): Promise<void> {
  const verbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Metadata', users: ['flux-handover', 'admin'], verbs },
      { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
          { group: 'authentication.k8s.io' },
          { group: 'authorization.k8s.io' },
        ],
      },
      { level: 'Metadata', verbs },
      { level: 'None' },
    ],
  };
  await writeConfiguration(configurationFile(layout, auditPolicyName), stringify(policy));
}
