/** Runs a program as a workstation beside the lab would: `ghcr.io` is the lab's registry, its certificate is trusted. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutDirectory, type Lab } from '../description.ts';

/** A command line and the environment it needs; hand both to execa. */
export interface LabCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const registryNames = ['ghcr.io', 'registry.k8s.io'];

/**
 * Wraps a command so that it sees the lab's names and nothing outside: a mount namespace of its own
 * with another /etc/hosts. The pid stays that of the command, so signals reach it.
 */
export async function besideLab(lab: Lab, command: readonly string[]): Promise<LabCommand> {
  const folder = path.join(lab.directory, 'workstation');
  await mkdir(folder, { recursive: true });
  const hosts = path.join(folder, 'hosts');
  const [address = ''] = lab.registry.address.split(':');
  await writeFile(hosts, `127.0.0.1 localhost\n${address} ${registryNames.join(' ')}\n`);
  return {
    file: 'unshare',
    arguments: [
      '--mount',
      'sh',
      '-c',
      'hosts=$1; shift; mount --bind "$hosts" /etc/hosts && exec "$@"',
      'sh',
      hosts,
      ...command,
    ],
    environment: workstationEnvironment(lab),
  };
}

/** PATH with the lab's programs first, trust in its certificate, its Temporal server; nothing secret. */
function workstationEnvironment(lab: Lab): NodeJS.ProcessEnv {
  const nodeModules = path.join(checkoutDirectory, 'node_modules', '.bin');
  return {
    PATH: [lab.bin, nodeModules, process.env['PATH']].join(path.delimiter),
    SSL_CERT_FILE: lab.registry.caFile,
    NODE_EXTRA_CA_CERTS: lab.registry.caFile,
    TEMPORAL_ADDRESS: lab.temporal.address,
    TEMPORAL_NAMESPACE: lab.temporal.namespace,
    FLUX_HANDOVER_UI: lab.temporal.uiUrl,
    // The person's own Git settings must not leak into a rehearsal.
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}
