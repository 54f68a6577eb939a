// What every cluster of the lab holds before Flux: DNS and volumes for the demo apps.

import path from 'node:path';
import { stringify } from 'yaml';
import { describeCluster, type ClusterLayout } from './layout.ts';
import { kubectl } from './kubectl.ts';

const dnsImage = 'registry.k8s.io/coredns/coredns:v1.13.1';
const volumeNames = ['lab-volume-1', 'lab-volume-2', 'lab-volume-3', 'lab-volume-4'];

/** Registries that workloads name themselves (source-controller, the operator): all are the lab's own. */
const registryNames = ['ghcr.io', 'registry.k8s.io', 'docker.io', 'registry-1.docker.io'];

/** Applies DNS and volumes. Applying them again changes nothing. */
export async function applyAddOns(
  layout: ClusterLayout,
  bin: string,
  registryAddress: string,
): Promise<void> {
  const documents = [...volumes(layout), ...dns(layout, registryAddress)];
  const input = documents.map((document) => stringify(document)).join('---\n');
  const parameters = ['apply', '--server-side', '--force-conflicts', '--field-manager=lab', '--filename=-'];
  await kubectl(describeCluster(layout), bin, parameters, { input });
}

/**
 * Static volumes, whose content lies in the lab's folder. The scheduler binds their claims: where that is done beside it, a pod that was
 * looked at a moment too early may wait for the five minutes after which the scheduler looks at everything again.
 */
function volumes(layout: ClusterLayout): object[] {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'lab-local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const persistentVolumes = volumeNames.map((name) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: 'lab-local',
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: path.join(layout.volumes, name), type: 'DirectoryOrCreate' },
    },
  }));
  return [storageClass, ...persistentVolumes];
}

/** Names of the cluster and of the registries have answers; every other name has none, and nobody else is asked. */
function corefile(registryAddress: string): string {
  return `cluster.local in-addr.arpa {
  errors
  kubernetes {
    ttl 5
  }
  cache 5
}
${registryNames.join(' ')} {
  hosts {
    ${registryAddress} ${registryNames.join(' ')}
  }
}
. {
  health :8080
  ready :8181
  template ANY ANY {
    rcode NXDOMAIN
  }
  reload 2s
}
`;
}

function dns(layout: ClusterLayout, registryAddress: string): object[] {
  const metadata = { name: 'coredns', namespace: 'kube-system' };
  const labels = { 'k8s-app': 'kube-dns' };
  const listed = (apiGroups: string[], resources: string[]) => ({
    apiGroups,
    resources,
    verbs: ['list', 'watch'],
  });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'lab:coredns' },
      rules: [
        listed([''], ['services', 'pods', 'namespaces']),
        listed(['discovery.k8s.io'], ['endpointslices']),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'lab:coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'lab:coredns' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(registryAddress) } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: {
        clusterIP: layout.addresses.dnsService,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: dnsPod() },
      },
    },
  ];
}

function dnsPod(): object {
  return {
    serviceAccountName: 'coredns',
    dnsPolicy: 'Default',
    priorityClassName: 'system-cluster-critical',
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'configuration', configMap: { name: 'coredns' } }],
    containers: [
      {
        name: 'coredns',
        image: dnsImage,
        args: ['-conf', '/etc/coredns/Corefile'],
        volumeMounts: [{ name: 'configuration', mountPath: '/etc/coredns', readOnly: true }],
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
        resources: { requests: { cpu: '10m', memory: '16Mi' } },
      },
    ],
  };
}
