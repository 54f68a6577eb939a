/** Asks OCI registries whether a chart, artifact or image can be pulled: HEAD on its manifest, with bearer-token authentication. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export type PullState =
  | { state: 'pullable'; digest: string }
  | { state: 'missing' | 'forbidden' | 'unreachable'; detail: string };

export interface ImageReference {
  host: string;
  repository: string;
  /** Tag or digest. */
  reference: string;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Parses `[oci://]host/repository[:tag][@digest]`; names without a host are Docker Hub's. */
export function parseImage(text: string): ImageReference {
  const [name = '', digest] = text.replace(/^oci:\/\//, '').split('@');
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const whole = tagged ? name.slice(0, colon) : name;
  const slash = whole.indexOf('/');
  const first = whole.slice(0, Math.max(slash, 0));
  const hosted = /[.:]|^localhost$/.test(first);
  const repository = hosted ? whole.slice(slash + 1) : slash < 0 ? `library/${whole}` : whole;
  return {
    host: hosted ? first : 'registry-1.docker.io',
    repository,
    reference: digest ?? (tagged ? name.slice(colon + 1) : 'latest'),
  };
}

/** @param mirrors address instead of a registry's own, by host */
export async function checkPull(
  image: string,
  mirrors: Record<string, string>,
  signal: AbortSignal,
): Promise<PullState> {
  const { host, repository, reference } = parseImage(image);
  const address = mirrors[host] ?? host;
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(address) ? 'http' : 'https';
  const url = `${scheme}://${address}/v2/${repository}/manifests/${reference}`;
  const ask = (authorization?: string) =>
    fetch(url, {
      method: 'HEAD',
      headers: { accept: manifestTypes, ...(authorization ? { authorization } : {}) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
    });
  try {
    let response = await ask();
    if (response.status === 401) {
      const authorization = await authorize(
        response.headers.get('www-authenticate') ?? '',
        await dockerCredentials(host),
        signal,
      );
      if (authorization) response = await ask(authorization);
    }
    if (response.ok)
      return { state: 'pullable', digest: response.headers.get('docker-content-digest') ?? '' };
    if (response.status === 404)
      return { state: 'missing', detail: `${address} has no ${repository}:${reference}` };
    if (response.status === 401 || response.status === 403)
      return { state: 'forbidden', detail: `${address} answered ${response.status}` };
    return { state: 'unreachable', detail: `${address} answered ${response.status}` };
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error;
    return {
      state: 'unreachable',
      detail: `${address}: ${(cause as Error | undefined)?.message ?? message}`,
    };
  }
}

/** Answers a challenge as the distribution specification says; null where there is nothing to answer with. */
async function authorize(
  challenge: string,
  credentials: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  if (/^basic/i.test(challenge)) return credentials && `Basic ${credentials}`;
  const values = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  if (!/^bearer/i.test(challenge) || !values['realm']) return null;
  const url = new URL(values['realm']);
  for (const key of ['service', 'scope']) if (values[key]) url.searchParams.set(key, values[key]);
  const response = await fetch(url, {
    headers: credentials ? { authorization: `Basic ${credentials}` } : {},
    signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
  });
  if (!response.ok) return null;
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access_token ?? ''}`;
}

/** The base64 `user:password` that `docker login` (or `helm registry login`) stored for a host. */
async function dockerCredentials(host: string): Promise<string | null> {
  const file = path.join(process.env['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker'), 'config.json');
  try {
    const { auths = {} } = JSON.parse(await readFile(file, 'utf8')) as {
      auths?: Record<string, { auth?: string }>;
    };
    return auths[host]?.auth ?? auths[`https://${host}`]?.auth ?? null;
  } catch {
    return null;
  }
}
