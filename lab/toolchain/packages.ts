// The Debian packages of the lab: finds what is missing, and installs it as root on Debian or Ubuntu without starting any service.
import { existsSync } from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';

/** What the clusters, the network and the Git server of the lab run on. */
export const LAB_PACKAGES: readonly string[] = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'iproute2',
  'git',
  'nginx-light',
  'fcgiwrap',
  'busybox-static',
  'openssl',
  'ca-certificates',
  'util-linux',
];

/** For Temporal's time-skipping test server. */
export const JAVA_PACKAGES: readonly string[] = ['default-jre-headless', 'maven'];

const POLICY = '/usr/sbin/policy-rc.d';
const FORBID = '#!/bin/sh\n# While flux-handover installs the packages of its lab.\nexit 101\n';

/**
 * Installs what is missing of `names`.
 * @throws naming the missing packages and the command, when not root or not on Debian or Ubuntu.
 */
export async function installPackages(
  names: readonly string[],
  onProgress?: (message: string) => void,
): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(
      `The lab needs these Debian packages or their like, which are missing: ${missing.join(', ')}.`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      `The lab needs Debian packages that are missing: ${missing.join(', ')}. As root: ${command}`,
    );
  onProgress?.(`installing Debian packages: ${missing.join(' ')}`);
  await withoutServices(async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await execa('apt-get', ['update', '-q'], { env });
    await execa('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
  });
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  const known = await execa('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\n', ...names], {
    reject: false,
  });
  const installed = new Set(known.stdout?.split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

/** The version that apt would install, if it knows the package. */
export async function packageCandidate(name: string): Promise<string | undefined> {
  const policy = await execa('apt-cache', ['policy', name], { reject: false, env: { LC_ALL: 'C' } });
  const version = /Candidate: (\S+)/.exec(policy.stdout ?? '')?.[1];
  return version === '(none)' ? undefined : version;
}

/** A policy-rc.d that exits 101 forbids packages to start services; what stood there before is put back, also after a failure. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const standing = existsSync(POLICY) ? await readFile(POLICY, 'utf8') : undefined;
  // Ours is there when an earlier install was killed; what it replaced is then still in `kept`.
  if (standing !== undefined && standing !== FORBID) await rename(POLICY, `${POLICY}.kept`);
  await writeFile(POLICY, FORBID);
  await chmod(POLICY, 0o755);
  try {
    await work();
  } finally {
    if (existsSync(`${POLICY}.kept`)) await rename(`${POLICY}.kept`, POLICY);
    else await rm(POLICY, { force: true });
  }
}
