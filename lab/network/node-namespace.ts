// The network namespace of one node: a veth pair into the lab's bridge and no way to anywhere else.

import { read, run } from '../commands.ts';
import type { ClusterAddresses } from './addresses.ts';
import type { LabIdentity } from './identity.ts';

/** Where `ip netns` keeps its namespaces. */
const namespaceFolder = '/var/run/netns';

function namespaceFile(netns: string): string {
  return `${namespaceFolder}/${netns}`;
}

/** The command that starts a program in a namespace. Not `ip netns exec`: that remounts /sys and hides the cgroups. */
export function enterNamespace(netns: string): string[] {
  return ['nsenter', `--net=${namespaceFile(netns)}`, '--'];
}

export async function namespaceNames(): Promise<string[]> {
  const lines = await read('ip', ['netns', 'list']);
  return lines
    .split('\n')
    .flatMap((line) => line.split(' ').slice(0, 1))
    .filter((name) => name !== '');
}

/** Makes the namespace or completes a half-made one. There is no default route: what is not the lab's is unreachable at once. */
export async function ensureNodeNamespace(identity: LabIdentity, addresses: ClusterAddresses): Promise<void> {
  const { netns, hostLink, node } = addresses;
  if (!(await namespaceNames()).includes(netns)) await run('ip', ['netns', 'add', netns]);
  if (!(await hasAddress(netns, node))) {
    await run('ip', ['link', 'delete', 'dev', hostLink], { mayFail: true });
    await run('ip', ['-netns', netns, 'link', 'delete', 'dev', 'eth0'], { mayFail: true });
    await run('ip', ['link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns]);
    await run('ip', ['-netns', netns, 'address', 'add', `${node}/24`, 'dev', 'eth0']);
  }
  await run('ip', ['link', 'set', 'dev', hostLink, 'master', identity.id, 'up']);
  await run('ip', ['-netns', netns, 'link', 'set', 'dev', 'lo', 'up']);
  await run('ip', ['-netns', netns, 'link', 'set', 'dev', 'eth0', 'up']);
  // A service's address needs a route before iptables gets to rewrite it, though nothing answers there itself.
  await run('ip', ['-netns', netns, 'route', 'replace', addresses.serviceRange, 'dev', 'eth0']);
  const [enter = '', ...enterParameters] = enterNamespace(netns);
  await run(enter, [...enterParameters, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

async function hasAddress(netns: string, address: string): Promise<boolean> {
  const shown = await run('ip', ['-netns', netns, '-oneline', 'address', 'show', 'dev', 'eth0'], {
    mayFail: true,
  });
  return !shown.failed && shown.stdout.includes(`${address}/24`);
}

/** Removes the namespace, and with it both ends of the veth pair, its routes and its iptables rules. */
export async function removeNodeNamespace(netns: string): Promise<void> {
  // The kernel takes a namespace down some time after its last process; the pair's name must be free at once.
  await run('ip', ['-netns', netns, 'link', 'delete', 'dev', 'eth0'], { mayFail: true });
  await run('ip', ['netns', 'delete', netns], { mayFail: true });
}
