// Builds one group of Go programs into the cache, under a stamp of everything that decides the result.
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, fillOnce, stampOf } from './cache.ts';
import type { Go } from './go.ts';
import { FLUX_VERSION, FLUX_OPERATOR_MODULE } from './groups.ts';
import type { ToolGroup, Vendoring } from './groups.ts';

const TOOLS = resolve(import.meta.dirname, '../tools');
const COMMON_FLAGS = ['-trimpath', '-buildvcs=false'];

/** A group with the place of its result: `<cache>/<group>-<stamp>/bin`. */
export interface PlacedGroup {
  group: ToolGroup;
  folder: string;
  built: boolean;
}

/** The stamp: go.mod, go.sum, the recipe of {@link ToolGroup} with its flags, the version of Go and the machine's architecture. */
export async function placeGroup(group: ToolGroup, go: Go): Promise<PlacedGroup> {
  const { expectedSeconds: _time, check: _check, ...recipe } = group;
  const stamp = stampOf(
    await readFile(join(TOOLS, group.name, 'go.mod')),
    await readFile(join(TOOLS, group.name, 'go.sum')),
    JSON.stringify([recipe, COMMON_FLAGS, recipe.vendoring?.fluxManifests ? FLUX_VERSION : '']),
    `${go.version} ${process.platform} ${process.arch}`,
  );
  const folder = join(cacheFolder(), `${group.name}-${stamp}`);
  return { group, folder, built: existsSync(folder) };
}

/**
 * Builds the group if its folder is not there. Call it with the cache's lock held.
 * @throws with the end of Go's own output, when the build fails or its result does not run.
 */
export async function buildGroup({ group, folder }: PlacedGroup, go: Go): Promise<void> {
  await fillOnce(folder, async (partial) => {
    const bin = join(partial, 'bin');
    await mkdir(bin);
    const source = group.vendoring
      ? await vendored(group, group.vendoring, join(partial, 'source'), go)
      : join(TOOLS, group.name);
    const settings = Object.entries(group.linkerSettings ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    await runGo(go, source, group, [
      'build',
      ...COMMON_FLAGS,
      `-mod=${group.vendoring ? 'vendor' : 'readonly'}`,
      `-ldflags=${['-s -w', ...settings].join(' ')}`,
      '-o',
      `${bin}/`,
      ...Object.values(group.programs),
    ]);
    for (const [program, goPackage] of Object.entries(group.programs))
      await rename(join(bin, goName(goPackage)), join(bin, program));
    if (group.vendoring) await rm(source, { recursive: true });
    await checkRuns(group, bin);
  });
}

/** Where the Go module cache keeps a module of the group, fetched when it is not there. */
export async function moduleFolder(groupName: string, module: string, go: Go): Promise<string> {
  const list = ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', module];
  const options = { cwd: join(TOOLS, groupName), env: go.environment };
  const known = (await execa(go.command, list, options)).stdout.trim();
  if (known !== '' && existsSync(known)) return known;
  await execa(go.command, ['mod', 'download', module], options);
  return (await execa(go.command, list, options)).stdout.trim();
}

/** A vendored copy of the group, in the cache, with the files that the published module lacks. */
async function vendored(group: ToolGroup, vendoring: Vendoring, source: string, go: Go): Promise<string> {
  await mkdir(source);
  for (const name of ['go.mod', 'go.sum']) await cp(join(TOOLS, group.name, name), join(source, name));
  // -e: go on although the files to embed are missing.
  await runGo(go, source, group, ['mod', 'vendor', '-e']);
  for (const [path, text] of Object.entries(vendoring.files ?? {})) {
    await mkdir(dirname(join(source, 'vendor', path)), { recursive: true });
    await writeFile(join(source, 'vendor', path), text);
  }
  if (vendoring.fluxManifests) {
    const operator = await moduleFolder('flux-operator', FLUX_OPERATOR_MODULE, go);
    const manifests = join(operator, 'config/data/flux', `v${FLUX_VERSION}`);
    await cp(manifests, join(source, 'vendor', vendoring.fluxManifests), { recursive: true });
  }
  return source;
}

async function runGo(go: Go, cwd: string, group: ToolGroup, args: string[]): Promise<void> {
  const env = { CGO_ENABLED: '0', GOWORK: 'off', ...go.environment, ...group.environment };
  const result = await execa(go.command, args, { cwd, env, all: true, reject: false });
  if (result.exitCode === 0) return;
  const end = (result.all ?? result.message ?? '').split('\n').slice(-30).join('\n');
  throw new Error(`building the lab's ${group.name} failed (go ${args[0]} in ${cwd}):\n${end}`);
}

async function checkRuns(group: ToolGroup, bin: string): Promise<void> {
  const [program, ...args] = group.check;
  const result = await execa(join(bin, program), args, { reject: false, timeout: 60_000, all: true });
  if (result.exitCode !== 0)
    throw new Error(
      `${program} was built, but "${program} ${args.join(' ')}" fails:\n${result.all ?? result.message}`,
    );
}

/** The name `go build` gives to the binary of a package: its last path element that is not a major version. */
function goName(goPackage: string): string {
  const elements = goPackage.split('/').filter((element) => !/^v[0-9]+$/.test(element));
  return elements.at(-1) ?? goPackage;
}
