// containerd and the pods' network of one cluster, with every pull pointed at the lab's registry.

import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeConfiguration } from '../configuration.ts';
import type { ProcessSpecification } from '../processes.ts';
import { configurationFile, type ClusterLayout } from './layout.ts';

/** The image that holds a pod's namespaces; the toolchain makes one under this name. */
const pauseImage = 'registry.k8s.io/pause:3.10';

/** Where Debian's containernetworking-plugins puts the plugins, then where others do. */
const pluginFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

export interface RegistryMirror {
  readonly address: string;
  readonly caFile: string;
}

/** Writes the configuration and gives the program. It keeps its shims: pods outlive a restart of containerd. */
export async function containerRuntime(
  layout: ClusterLayout,
  registry: RegistryMirror,
): Promise<ProcessSpecification> {
  await mkdir(path.dirname(layout.containerSocket), { recursive: true });
  const mirrors = path.join(layout.configuration, 'registries');
  // "_default" stands for every registry: a pull of a name that the lab does not hold fails here and goes nowhere else.
  await writeConfiguration(path.join(mirrors, '_default', 'hosts.toml'), mirrorConfiguration(registry));
  const networks = path.join(layout.configuration, 'networks');
  await writeConfiguration(path.join(networks, '10-pods.conflist'), podNetwork(layout));
  const file = configurationFile(layout, 'containerd.toml');
  await writeConfiguration(
    file,
    runtimeConfiguration(layout, { mirrors, networks, plugins: await pluginFolder() }),
  );
  return {
    name: `${layout.name}/containerd`,
    command: 'containerd',
    parameters: ['--config', file, '--log-level', 'warn'],
    netns: layout.addresses.netns,
    keepsDescendants: true,
  };
}

function mirrorConfiguration({ address, caFile }: RegistryMirror): string {
  const server = JSON.stringify(`https://${address}`);
  return `server = ${server}\n\n[host.${server}]\n  capabilities = ["pull", "resolve"]\n  ca = ${JSON.stringify(caFile)}\n`;
}

async function pluginFolder(): Promise<string> {
  for (const folder of pluginFolders) {
    const found = await access(path.join(folder, 'ptp')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  throw new Error(
    `No CNI plugins in ${pluginFolders.join(', ')}: install the package containernetworking-plugins.`,
  );
}

/**
 * Pods hang on routed veth pairs (ptp), not on a bridge: a pod that meets another of its node through a service then
 * needs no br_netfilter in the kernel.
 */
function podNetwork(layout: ClusterLayout): string {
  const ipam = {
    type: 'host-local',
    dataDir: layout.podAddresses,
    ranges: [[{ subnet: layout.addresses.podRange }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const plugins = [
    { type: 'ptp', ipMasq: true, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: '0.4.0', name: layout.addresses.netns, plugins }, undefined, 2);
}

function runtimeConfiguration(
  layout: ClusterLayout,
  folders: { mirrors: string; networks: string; plugins: string },
): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(layout.containerRoot)}
state = ${text(layout.containerState)}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = ${text(layout.containerSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(path.join(layout.containerRoot, 'opt'))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  stream_server_address = "127.0.0.1"
  # A machine that may not lower oom_score_adj (a container, a small VM) can run pods all the same.
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    discard_unpacked_layers = true

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = ${text(path.join(layout.containerState, 'runc'))}

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(folders.plugins)}
    conf_dir = ${text(folders.networks)}

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = ${text(folders.mirrors)}
`;
}
