// The lab's OCI registry: HTTPS on the bridge, for clusters under the names of the registries it stands in for.

import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { ensureCertificate, type KeyPair } from '../certificates.ts';
import { writeConfiguration } from '../configuration.ts';
import { labDirectory, type LabRegistry } from '../description.ts';
import { ensureProcess } from '../processes.ts';
import { waitUntil } from '../readiness.ts';
import { copyRegistryStorage, type Toolchain } from '../toolchain/index.ts';
import { httpsStatus } from '../network/https-status.ts';

const directory = path.join(labDirectory, 'registry');
const storage = path.join(directory, 'storage');

/** Tags and manifests by name; blobs lie beside it and are never changed. A checkpoint keeps this folder. */
export const registryNames = path.join(storage, 'docker/registry/v2/repositories');

const programName = 'registry';

export function describeRegistry(address: string, authority: KeyPair): LabRegistry {
  return { address: `${address}:443`, caFile: authority.certificate };
}

/** Starts the registry with all images of the toolchain, unless it runs. */
export async function ensureRegistry(address: string, toolchain: Toolchain): Promise<LabRegistry> {
  const server = { certificate: path.join(directory, 'server.crt'), key: path.join(directory, 'server.key') };
  await ensureCertificate(toolchain.authority, server, {
    commonName: 'ghcr.io',
    hostNames: ['ghcr.io', 'registry.k8s.io', 'docker.io', 'registry-1.docker.io'],
    addresses: [address],
  });
  const filled = await access(registryNames).then(
    () => true,
    () => false,
  );
  if (!filled) await copyRegistryStorage(toolchain.registryStorage, storage);
  const file = path.join(directory, 'registry.json');
  // JSON is YAML; the secret only signs uploads in progress, so any will do.
  const written = await access(file).catch(() => 'missing');
  if (written === 'missing') await writeConfiguration(file, registryConfiguration(address, server), 0o600);
  await ensureProcess({
    name: programName,
    command: path.join(toolchain.bin, 'registry'),
    parameters: ['serve', file],
    environment: { OTEL_TRACES_EXPORTER: 'none' },
  });
  const registry = describeRegistry(address, toolchain.authority);
  const url = `https://${registry.address}/v2/`;
  await waitUntil({
    what: 'the registry',
    check: () => httpsStatus(url, registry.caFile),
    timeout: 20_000,
    interval: 100,
    programs: [programName],
  });
  return registry;
}

function registryConfiguration(address: string, server: KeyPair): string {
  const configuration = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: `${address}:443`, secret: randomBytes(16).toString('hex'), tls: server },
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}
