/** Builds folders of a tree with the real kustomize, that of `kubectl`: the one place where planning needs a program. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, statfsSync, writeFileSync } from 'node:fs';
import { access, constants, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { stageBuild, type StagedBuild, type UnknownPart } from './kustomize-stage.ts';
import type { Tree } from './tree.ts';

/** What a build gave; a build that fails is an answer, too. */
export type FolderBuild = {
  /** What was left out because it is not in the repository (a remote base, a chart, a plugin). */
  unknown: UnknownPart[];
} & (
  | {
      ok: true;
      /** YAML documents as the program prints them, each with an annotation `config.kubernetes.io/origin`. */
      output: string;
    }
  | {
      ok: false;
      /** Last words of the program. */
      reason: string;
    }
);

/**
 * Builds a folder as kustomize-controller does. Never reaches the network, never rejects for what is in the repository.
 * @param spec of the Flux Kustomization, whose patches, components, images and names count
 */
export type KustomizeBuild = (
  tree: Tree,
  folder: string,
  spec?: Record<string, unknown>,
) => Promise<FolderBuild>;

/** `kubectl` is not there. */
export class BuilderMissing extends Error {
  readonly what = 'kubectl is not on the PATH';
  readonly why = 'Every planned commit is built with it, before and after, to see what it would delete';
  readonly mend =
    'Install kubectl (https://kubernetes.io/docs/tasks/tools) 1.27 or newer, or set PATH so that it is found';

  constructor() {
    super('kubectl is not on the PATH');
    this.name = 'BuilderMissing';
  }
}

/** Milliseconds that one build may take. */
const patience = 120_000;
/** Builds at once: they are bound by the processor. */
const atOnce = 2;
/** Characters of output that are kept for builds of the same content. */
const remembered = 64 * 1024 * 1024;

type Outcome = { ok: true; output: string } | { ok: false; reason: string };

/** Finds `kubectl` on the PATH. @throws BuilderMissing */
export async function kubectlBuild(): Promise<KustomizeBuild> {
  const program = await findProgram('kubectl');
  const known = new Map<string, Promise<Outcome>>();
  let size = 0;
  const limited = limit(atOnce);
  return async (tree, folder, spec = {}) => {
    const staged = stageBuild(tree, folder, spec);
    const { unknown, broken } = staged;
    if (broken !== null) return { ok: false, reason: broken, unknown };
    const key = contentKey(staged);
    let building = known.get(key);
    if (!building) {
      known.set(key, (building = limited(() => run(program, staged))));
      // A full disk, say: it may be mended before the next time.
      building.catch(() => known.delete(key));
      size += lengthOf(await building);
      for (const [oldest, outcome] of known) {
        if (size <= remembered) break;
        known.delete(oldest);
        size -= lengthOf(await outcome);
      }
    }
    return { ...(await building), unknown };
  };
}

function lengthOf(outcome: Outcome): number {
  return outcome.ok ? outcome.output.length : outcome.reason.length;
}

async function findProgram(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  throw new BuilderMissing();
}

function contentKey({ folder, files }: StagedBuild): string {
  const hash = createHash('sha256').update(folder);
  for (const [path, content] of [...files].sort(([left], [right]) => (left < right ? -1 : 1)))
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}

/** Writes the files where only we can read them, builds, and removes them whatever happens. */
async function run(program: string, { folder, files }: StagedBuild): Promise<Outcome> {
  // All before the program starts is done at once: it then runs while planning goes on.
  const place = mkdtempSync(join(roomFor(files), 'flux-handover-build-'));
  try {
    for (const each of new Set([folder, ...[...files.keys()].map((path) => dirname(path))]))
      mkdirSync(join(place, 'tree', each), { recursive: true });
    for (const [path, content] of files) writeFileSync(join(place, 'tree', path), content);
    const result = await execa(
      program,
      ['kustomize', '--load-restrictor', 'LoadRestrictionsNone', join(place, 'tree', folder)],
      {
        reject: false,
        stdin: 'ignore',
        timeout: patience,
        maxBuffer: 512 * 1024 * 1024,
        stripFinalNewline: false,
        cwd: place,
        extendEnv: false,
        // No git and no proxy to reach anything with: what is remote was taken out, and this makes sure of it.
        env: {
          PATH: place,
          HOME: place,
          KUBECONFIG: '/dev/null',
          // It is a short run: collect garbage only when it grows large, which saves a third of its time.
          GOGC: 'off',
          GOMEMLIMIT: '128MiB',
          HTTP_PROXY: 'http://127.0.0.1:9',
          HTTPS_PROXY: 'http://127.0.0.1:9',
        },
      },
    );
    if (!result.failed) return { ok: true, output: result.stdout };
    const words = result.timedOut
      ? `gave no answer within ${patience / 1000} s`
      : (result.stderr || (result.shortMessage ?? 'failed')).trim();
    return { ok: false, reason: words.replaceAll(`${join(place, 'tree')}/`, '').replace(/^error: /, '') };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** A folder for the files: in memory where there is plenty, since a large cluster's build is hundreds of small files, written again and again. */
function roomFor(files: ReadonlyMap<string, string>): string {
  const memory = '/dev/shm';
  // A page for each file, at least, and one for its folder.
  const bytes = [...files.values()].reduce((sum, { length }) => sum + 2 * length + 8_192, 0);
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize > 8 * bytes) return memory;
  } catch {
    // Not every system has it.
  }
  return tmpdir();
}

/** Runs at most `count` tasks at once, in the order they come. */
function limit(count: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
