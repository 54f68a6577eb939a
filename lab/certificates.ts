// Certificates for the lab's API servers, nodes and registry, made with openssl.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read } from './commands.ts';

export interface KeyPair {
  /** PEM file. */
  readonly certificate: string;
  /** PEM file, mode 600. */
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** Kubernetes reads the organization as the user's group. */
  readonly organization?: string;
  readonly hostNames?: readonly string[];
  readonly addresses?: readonly string[];
}

const lifetimeDays = '3650';

/** Makes a certificate authority unless its files are there. */
export async function ensureAuthority(pair: KeyPair, commonName: string): Promise<void> {
  if (await exists(pair)) return;
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  await request(pair, { commonName }, extensions, []);
}

/** Makes a certificate for servers and clients, signed by the authority, unless its files are there. */
export async function ensureCertificate(authority: KeyPair, pair: KeyPair, subject: Subject): Promise<void> {
  if (await exists(pair)) return;
  const names = [
    ...(subject.hostNames ?? []).map((name) => `DNS:${name}`),
    ...(subject.addresses ?? []).map((address) => `IP:${address}`),
  ];
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
  ];
  await request(pair, subject, extensions, ['-CA', authority.certificate, '-CAkey', authority.key]);
}

async function request(
  pair: KeyPair,
  subject: Subject,
  extensions: readonly string[],
  signer: readonly string[],
): Promise<void> {
  await mkdir(path.dirname(pair.key), { recursive: true, mode: 0o700 });
  const name = [
    ...(subject.organization === undefined ? [] : [`O=${subject.organization}`]),
    `CN=${subject.commonName}`,
  ];
  const configuration = [
    '[req]',
    'distinguished_name=dn',
    'x509_extensions=ext',
    'prompt=no',
    '[dn]',
    ...name,
    '[ext]',
    ...extensions,
  ];
  const privateKey = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  await writeFile(pair.key, privateKey, { mode: 0o600 });
  const serial = `0x${randomBytes(15).toString('hex')}`;
  const parameters = ['req', '-x509', '-new', '-key', pair.key, '-set_serial', serial, '-days', lifetimeDays];
  // A file: openssl opens its configuration by name, which a socket as standard input does not allow.
  const configurationFile = pair.key.replace(/\.key$/, '.cnf');
  await writeFile(configurationFile, `${configuration.join('\n')}\n`);
  const certificate = await read('openssl', [...parameters, '-config', configurationFile, ...signer]);
  await rm(configurationFile);
  await writeFile(pair.certificate, `${certificate}\n`);
}

async function exists(pair: KeyPair): Promise<boolean> {
  return Promise.all([access(pair.certificate), access(pair.key)]).then(
    () => true,
    () => false,
  );
}
