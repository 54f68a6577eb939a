// Where the files, sockets and addresses of one cluster are.

import path from 'node:path';
import type { KeyPair } from '../certificates.ts';
import { labDirectory, type LabCluster } from '../description.ts';
import { clusterAddresses, type ClusterAddresses } from '../network/addresses.ts';
import type { LabIdentity } from '../network/identity.ts';

export interface ClusterLayout {
  readonly name: string;
  readonly addresses: ClusterAddresses;
  /** Holds everything below. */
  readonly directory: string;
  readonly etcdData: string;
  readonly pki: string;
  /** containerd's image store and metadata. */
  readonly containerRoot: string;
  /** containerd's running containers: mounts, pods' network namespaces, runc's state. */
  readonly containerState: string;
  /** Short on purpose: the kernel keeps 107 bytes of a socket's path, and a checkout may lie deep. */
  readonly containerSocket: string;
  readonly kubeletRoot: string;
  /** Addresses handed out to pods. */
  readonly podAddresses: string;
  /** What the demo PersistentVolumes hold. */
  readonly volumes: string;
  readonly configuration: string;
  /** Present once the legacy Flux was installed: a repair must not install it again. */
  readonly legacyMark: string;
}

const clustersDirectory = path.join(labDirectory, 'clusters');

/** Folder of the lab's sockets; short, and named by the lab's id. */
export function socketDirectory(identity: LabIdentity): string {
  return `/run/${identity.id}`;
}

export function clusterLayout(identity: LabIdentity, name: string): ClusterLayout {
  const directory = path.join(clustersDirectory, name);
  return {
    name,
    addresses: clusterAddresses(identity, name),
    directory,
    etcdData: path.join(directory, 'etcd'),
    pki: path.join(directory, 'pki'),
    containerRoot: path.join(directory, 'containerd'),
    containerState: path.join(directory, 'containerd-state'),
    containerSocket: path.join(socketDirectory(identity), `${name}.sock`),
    kubeletRoot: path.join(directory, 'kubelet'),
    podAddresses: path.join(directory, 'pod-addresses'),
    volumes: path.join(directory, 'volumes'),
    configuration: path.join(directory, 'configuration'),
    legacyMark: path.join(directory, 'legacy-installed'),
  };
}

export function keyPair(layout: ClusterLayout, name: string): KeyPair {
  return { certificate: path.join(layout.pki, `${name}.crt`), key: path.join(layout.pki, `${name}.key`) };
}

export function configurationFile(layout: ClusterLayout, name: string): string {
  return path.join(layout.configuration, name);
}

export function kubeconfigFile(layout: ClusterLayout, user: string): string {
  return path.join(layout.directory, `${user}.kubeconfig`);
}

export function describeCluster(layout: ClusterLayout): LabCluster {
  return {
    name: layout.name,
    apiServer: `https://${layout.addresses.node}:6443`,
    kubeconfig: kubeconfigFile(layout, 'admin'),
    handoverKubeconfig: kubeconfigFile(layout, 'flux-handover'),
    netns: layout.addresses.netns,
    auditLog: path.join(layout.directory, 'audit.log'),
    address: layout.addresses.node,
  };
}
