// kubelet and kube-proxy of one cluster's only node.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { writeConfiguration } from '../configuration.ts';
import type { ProcessSpecification } from '../processes.ts';
import { configurationFile, keyPair, kubeconfigFile, type ClusterLayout } from './layout.ts';

/** Writes both configurations and gives the programs. */
export async function nodePrograms(layout: ClusterLayout, bin: string): Promise<ProcessSpecification[]> {
  const { netns, node } = layout.addresses;
  const kubelet = configurationFile(layout, 'kubelet.yaml');
  const proxy = configurationFile(layout, 'kube-proxy.yaml');
  await mkdir(layout.volumes, { recursive: true });
  // Nothing of the machine's own name servers reaches a pod.
  await writeConfiguration(configurationFile(layout, 'resolv.conf'), '');
  await writeConfiguration(kubelet, stringify(kubeletConfiguration(layout)));
  await writeConfiguration(proxy, stringify(proxyConfiguration(layout)));
  return [
    {
      name: `${layout.name}/kubelet`,
      command: path.join(bin, 'kubelet'),
      parameters: [
        `--config=${kubelet}`,
        `--kubeconfig=${kubeconfigFile(layout, 'kubelet')}`,
        `--root-dir=${layout.kubeletRoot}`,
        `--cert-dir=${path.join(layout.kubeletRoot, 'pki')}`,
        `--hostname-override=${layout.name}`,
        `--node-ip=${node}`,
      ],
      netns,
    },
    {
      name: `${layout.name}/kube-proxy`,
      command: path.join(bin, 'kube-proxy'),
      parameters: [`--config=${proxy}`],
      netns,
    },
  ];
}

function kubeletConfiguration(layout: ClusterLayout): object {
  const serving = keyPair(layout, 'kubelet-server');
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: keyPair(layout, 'authority').certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${layout.containerSocket}`,
    cgroupDriver: 'cgroupfs',
    // With "/" the second kubelet of a machine deletes the pods of the first.
    cgroupRoot: `/${layout.addresses.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [layout.addresses.dnsService],
    resolvConf: configurationFile(layout, 'resolv.conf'),
    podLogsDir: path.join(layout.directory, 'pod-logs'),
    volumePluginDir: path.join(layout.kubeletRoot, 'volume-plugins'),
    serializeImagePulls: false,
    maxParallelImagePulls: 4,
    // The lab has no second copy of an image on hand when the registry is down: never collect one.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
}

function proxyConfiguration(layout: ClusterLayout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigFile(layout, 'kube-proxy') },
    mode: 'iptables',
    clusterCIDR: layout.addresses.podRange,
    hostnameOverride: layout.name,
    oomScoreAdj: 0,
    nodePortAddresses: ['primary'],
    metricsBindAddress: '127.0.0.1:10249',
    // Conntrack limits belong to the machine, not to a namespace.
    conntrack: { maxPerCore: 0, min: 0 },
  };
}
