// The programs of one cluster's control plane: etcd, API server, controller manager, scheduler.

import path from 'node:path';
import type { ProcessSpecification } from '../processes.ts';
import { auditPolicyName, serviceAccountKey } from './credentials.ts';
import { configurationFile, describeCluster, keyPair, kubeconfigFile, type ClusterLayout } from './layout.ts';

/** Each CRD of Flux makes the API server build its schema anew; half of that would be garbage collection. */
const collectSeldom = { GOGC: '400', GOMEMLIMIT: '450MiB' };

/** The specifications, in the order of their dependence; all may be started at once, they wait for each other. */
export function controlPlane(layout: ClusterLayout, bin: string): ProcessSpecification[] {
  const program = (name: string, parameters: readonly string[]): ProcessSpecification => ({
    name: `${layout.name}/${name}`,
    command: path.join(bin, name),
    parameters,
    netns: layout.addresses.netns,
  });
  return [
    program('etcd', etcdParameters(layout)),
    { ...program('kube-apiserver', apiServerParameters(layout)), environment: collectSeldom },
    program('kube-controller-manager', controllerManagerParameters(layout)),
    program('kube-scheduler', [
      `--kubeconfig=${kubeconfigFile(layout, 'scheduler')}`,
      `--authentication-kubeconfig=${kubeconfigFile(layout, 'scheduler')}`,
      `--authorization-kubeconfig=${kubeconfigFile(layout, 'scheduler')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ]),
  ];
}

/** On the namespace's own loopback, which only the node's programs reach: no TLS is needed there. */
function etcdParameters(layout: ClusterLayout): string[] {
  return [
    `--name=${layout.name}`,
    `--data-dir=${layout.etcdData}`,
    '--listen-client-urls=http://127.0.0.1:2379',
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=http://127.0.0.1:2380',
    '--initial-advertise-peer-urls=http://127.0.0.1:2380',
    `--initial-cluster=${layout.name}=http://127.0.0.1:2380`,
    // The lab's data may be lost with the machine; waiting for the disk would only cost time.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerParameters(layout: ClusterLayout): string[] {
  const server = keyPair(layout, 'api-server');
  const kubeletClient = keyPair(layout, 'api-server-to-kubelet');
  return [
    '--etcd-servers=http://127.0.0.1:2379',
    `--advertise-address=${layout.addresses.node}`,
    '--bind-address=0.0.0.0',
    '--secure-port=6443',
    `--service-cluster-ip-range=${layout.addresses.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${keyPair(layout, 'authority').certificate}`,
    `--tls-cert-file=${server.certificate}`,
    `--tls-private-key-file=${server.key}`,
    `--kubelet-certificate-authority=${keyPair(layout, 'authority').certificate}`,
    `--kubelet-client-certificate=${kubeletClient.certificate}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    `--requestheader-client-ca-file=${keyPair(layout, 'front-proxy-authority').certificate}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${keyPair(layout, 'front-proxy').certificate}`,
    `--proxy-client-key-file=${keyPair(layout, 'front-proxy').key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccountKey(layout)}`,
    `--service-account-signing-key-file=${serviceAccountKey(layout)}`,
    `--audit-policy-file=${configurationFile(layout, auditPolicyName)}`,
    `--audit-log-path=${describeCluster(layout).auditLog}`,
    // Megabytes before a rotation: a test must find a whole run in one file.
    '--audit-log-maxsize=1024',
    '--profiling=false',
    // Graceful termination holds watches open for a minute otherwise.
    '--shutdown-delay-duration=0s',
  ];
}

function controllerManagerParameters(layout: ClusterLayout): string[] {
  const kubeconfig = kubeconfigFile(layout, 'controller-manager');
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--root-ca-file=${keyPair(layout, 'authority').certificate}`,
    `--service-account-private-key-file=${serviceAccountKey(layout)}`,
    '--use-service-account-credentials=true',
    '--allocate-node-cidrs=false',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ];
}
