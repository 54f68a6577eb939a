// Finds a Go that can build the lab's tools: the one on PATH, the usual install folder, or one that fetches the right toolchain.
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { installPackages, packageCandidate } from './packages.ts';

/** What the go.mod files of `lab/tools` ask for. */
const WANTED = '1.26';
/** Since this version Go fetches the toolchain that a go.mod asks for. */
const FETCHES_TOOLCHAINS = '1.21';

export interface Go {
  /** Path or name of the `go` command. */
  command: string;
  /** For example `go1.26.8`. */
  version: string;
  /** Environment for every call of it. */
  environment: Record<string, string>;
}

/** @throws with how to install it, when there is no Go that can build the tools. */
export async function findGo(): Promise<Go> {
  const found = (await usableGo()) ?? (await installedGo());
  if (found) return found;
  throw new Error(
    `Go ${WANTED} or later is needed to build the lab's tools (Kubernetes, Flux, Temporal) and was not found on PATH or in ` +
      `/usr/local/go/bin. Install it from https://go.dev/doc/install, or any Go from ${FETCHES_TOOLCHAINS} on with GOTOOLCHAIN=auto.`,
  );
}

async function usableGo(): Promise<Go | undefined> {
  for (const command of ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go']) {
    if (command.includes('/') && !existsSync(command)) continue;
    const local = await goVersion(command, { GOTOOLCHAIN: 'local' });
    if (local === undefined || olderThan(local, FETCHES_TOOLCHAINS)) continue;
    if (!olderThan(local, WANTED)) return { command, version: local, environment: { GOTOOLCHAIN: 'local' } };
    const environment = { GOTOOLCHAIN: `go${WANTED}.0+auto` };
    const fetched = await goVersion(command, environment);
    if (fetched !== undefined && !olderThan(fetched, WANTED))
      return { command, version: fetched, environment };
  }
  return undefined;
}

async function installedGo(): Promise<Go | undefined> {
  const candidate = await packageCandidate('golang-go');
  if (candidate === undefined || olderThan(`go${candidate.replace(/^\d+:/, '')}`, FETCHES_TOOLCHAINS))
    return undefined;
  await installPackages(['golang-go']);
  return usableGo();
}

async function goVersion(command: string, environment: Record<string, string>): Promise<string | undefined> {
  const result = await execa(command, ['env', 'GOVERSION'], { env: environment, cwd: '/', reject: false });
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

/** Whether `go1.26.8` is older than `1.26` (major and minor alone). */
function olderThan(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^go/, '').split('.').map(Number.parseFloat);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
