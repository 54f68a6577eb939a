// Speaks to the lab's registry: which manifests it holds, and how programs are told to trust it.

import { readFile } from 'node:fs/promises';
import { request } from 'node:https';

export interface RegistryAccess {
  /** `host:port`, HTTPS. */
  readonly address: string;
  /** PEM file of the authority that signed the registry's certificate. */
  readonly caFile: string;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** The environment in which crane, flux and helm (all Go) trust the registry, and find no credentials of the person. */
export function trustingEnvironment(registry: RegistryAccess, directory: string): Record<string, string> {
  return {
    SSL_CERT_FILE: registry.caFile,
    DOCKER_CONFIG: directory,
    HELM_CACHE_HOME: directory,
    HELM_CONFIG_HOME: directory,
    HELM_DATA_HOME: directory,
  };
}

/** A reference such as `ghcr.io/fluxcd/x:v1` taken apart: the registry's name is dropped, as mirrors do. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const withoutHost = reference.slice(reference.indexOf('/') + 1);
  const colon = withoutHost.lastIndexOf(':');
  if (colon === -1) throw new Error(`The reference ${reference} names no tag; the lab publishes tags only.`);
  return { repository: withoutHost.slice(0, colon), tag: withoutHost.slice(colon + 1) };
}

/** Digest of a reference as the registry has it now, or undefined. */
export async function publishedDigest(
  registry: RegistryAccess,
  reference: string,
): Promise<string | undefined> {
  const { repository, tag } = splitReference(reference);
  const ca = await readFile(registry.caFile);
  return new Promise((resolve, reject) => {
    const call = request(
      `https://${registry.address}/v2/${repository}/manifests/${tag}`,
      { method: 'HEAD', ca, headers: { accept: manifestTypes.join(', ') } },
      (response) => {
        response.resume();
        const digest = response.headers['docker-content-digest'];
        resolve(response.statusCode === 200 && typeof digest === 'string' ? digest : undefined);
      },
    );
    call.once('error', (cause) => {
      reject(
        new Error(`The lab's registry at ${registry.address} does not answer. Run "make lab-status".`, {
          cause,
        }),
      );
    });
    call.end();
  });
}
