// The addresses of a lab, all within its own 10.X.0.0/16, and the names that go with them.

import type { LabIdentity } from './identity.ts';

export interface ClusterAddresses {
  /** Address of the node on the lab's bridge. */
  readonly node: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** First address of the service range: the API server inside the cluster. */
  readonly apiService: string;
  readonly dnsService: string;
  /** Network namespace of the node. */
  readonly netns: string;
  /** The host's end of the node's veth pair (at most 15 characters). */
  readonly hostLink: string;
  /** The cgroup below which kubelet keeps the pods of this cluster. */
  readonly cgroup: string;
}

/** The bridge's own address; registry and Git server listen on it. */
export function bridgeAddress(identity: LabIdentity): string {
  return `10.${identity.number}.0.1`;
}

/** Ports on 127.0.0.1 that no other lab uses: what listens there is out of the pods' reach. */
export function loopbackPorts(identity: LabIdentity): {
  readonly temporal: number;
  readonly temporalUi: number;
} {
  const first = 17_000 + identity.number * 10;
  return { temporal: first, temporalUi: first + 1 };
}

export function clusterAddresses(identity: LabIdentity, cluster: string): ClusterAddresses {
  const slot = identity.slots[cluster];
  if (slot === undefined) throw new Error(`Cluster ${cluster} has no node number in lab ${identity.id}.`);
  const prefix = `10.${identity.number}`;
  return {
    node: `${prefix}.0.${10 + slot}`,
    podRange: `${prefix}.${10 + slot}.0/24`,
    serviceRange: `${prefix}.${100 + slot}.0/24`,
    apiService: `${prefix}.${100 + slot}.1`,
    dnsService: `${prefix}.${100 + slot}.10`,
    netns: `${identity.id}-${cluster}`,
    hostLink: `${identity.id}n${slot}`,
    cgroup: `${identity.id}-${cluster}`,
  };
}
