/** Reads the cases of test/repos: a small GitOps repository each, and what a right plan of it is. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/load.ts';
import type { HandoverConfig } from '../../src/config/schema.ts';

const folder = join(import.meta.dirname, '../repos');

const replacement = z.strictObject({ from: z.string(), to: z.string() });
const check = z.enum(['plan', 'build', 'init']);

const caseSchema = z.strictObject({
  shows: z.string(),
  /** Another case, whose files and handover.yaml this one starts from. */
  base: z.string().optional(),
  /** Given: files lie in repo/BRANCH/. Else all of repo/ is on every branch that handover.yaml names. */
  branches: z.array(z.string()).optional(),
  edits: z.array(replacement.extend({ file: z.string() })).default([]),
  remove: z.array(z.string()).default([]),
  handover: z.array(replacement).default([]),
  /** Symbolic links: target by path. */
  links: z.record(z.string(), z.string()).default({}),
  /** Submodules: commit by path. */
  submodules: z.record(z.string(), z.string()).default({}),
  /** Files too large to keep: size in bytes by path, filled with lines of YAML. */
  large: z.record(z.string(), z.number()).default({}),
  /** Commits of others, in their order: on the branch of the cluster, or on one of their own that begins there. */
  work: z
    .array(
      z.strictObject({
        branch: z.string(),
        message: z.string(),
        /** After the commit with the files of the case. */
        day: z.number(),
        edits: z.array(replacement.extend({ file: z.string() })),
      }),
    )
    .default([]),
  /** Checks that can not pass yet, and why: they are expected to fail, and say so when they begin to pass. */
  todo: z.partialRecord(check, z.string()).default({}),
});

const hazardSchema = z.strictObject({
  id: z.string(),
  severity: z.enum(['refuse', 'warn', 'note']),
  /** Left out where a hazard has no place. */
  file: z.string().optional(),
  line: z.number().optional(),
  /** Words that the finding must contain. */
  says: z.array(z.string()).optional(),
});

const clusterSchema = z.strictObject({
  legacy: z.strictObject({
    shape: z.string(),
    version: z.string().optional(),
    namespace: z.string().optional(),
    components: z.array(z.string()).optional(),
    /** `NAME FILE:LINE`, or null. */
    owner: z.string().nullable().optional(),
    bootstrapPath: z.string().nullable().optional(),
    networkPolicies: z.boolean().optional(),
  }),
  /** `NAME URL REF`. */
  source: z.string().optional(),
  /** `NAME PATH`, outermost first. */
  roots: z.array(z.string()).optional(),
  /** Words that the answer must contain. */
  decisions: z.record(z.string(), z.string()),
  hazards: z.array(hazardSchema),
  /** `add|modify|delete PATH` of each commit; required of a plan that is not refused. */
  phases: z.record(z.string(), z.array(z.string())).optional(),
  /** `OUTCOME ID` of what a rollback asks about or does not bring back, in the order of the plan. */
  wayBack: z.array(z.string()).optional(),
  /** `KIND NAMESPACE/NAME` of what disappears in a phase. */
  collects: z.record(z.string(), z.array(z.string())),
});

const expectedSchema = z.strictObject({
  /** Another case, whose expectations (and final files) hold here too, except for what is given and for `refused` clusters. */
  as: z.string().optional(),
  clusters: z.record(z.string(), clusterSchema.partial().extend({ refused: z.literal(true).optional() })),
});

export type CaseCheck = z.infer<typeof check>;
export type ExpectedCluster = z.infer<typeof clusterSchema>;

/** A file's bytes, the target of a symbolic link, or the commit of a submodule. */
export interface RepoFile {
  mode: '100644' | '120000' | '160000';
  content: Buffer;
}

export type RepoFiles = Map<string, RepoFile>;

/** A commit that somebody else makes. */
export interface Work {
  branch: string;
  message: string;
  day: number;
  files: RepoFiles;
}

export interface Case {
  name: string;
  shows: string;
  todo: Partial<Record<CaseCheck, string>>;
  config: HandoverConfig;
  /** By branch. */
  branches: Map<string, RepoFiles>;
  /** On branches that are not there yet, they begin at the first one. */
  work: Work[];
  expected: Record<string, ExpectedCluster>;
  /** Final content of a cluster's touched files: where this case keeps its own, and the ones it has from another case. */
  end(cluster: string): { folder: string; inherited: RepoFiles };
}

export const caseNames: string[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export function loadCase(name: string): Case {
  const { handover, branches, own } = filesOf(name);
  return {
    name,
    shows: own.shows,
    todo: own.todo,
    config: parseConfig(handover, `test/repos/${name}/handover.yaml`),
    branches,
    work: own.work.map(({ edits, ...commit }) => ({
      ...commit,
      files: edited(branches.get(commit.branch) ?? [...branches.values()][0] ?? new Map(), edits, name),
    })),
    expected: expectedOf(name),
    end: (cluster) => endOf(name, cluster),
  };
}

function readExpected(name: string): z.infer<typeof expectedSchema> {
  return expectedSchema.parse(parse(readFileSync(join(folder, name, 'expected.yaml'), 'utf8')));
}

function expectedOf(name: string): Record<string, ExpectedCluster> {
  const { as, clusters } = readExpected(name);
  const inherited = as === undefined ? {} : expectedOf(as);
  const nothing = { legacy: { shape: '' }, decisions: {}, hazards: [], collects: {} };
  return Object.fromEntries(
    Object.keys({ ...inherited, ...clusters }).map((cluster) => {
      const { refused, ...own } = clusters[cluster] ?? {};
      return [cluster, { ...nothing, ...(refused ? {} : inherited[cluster]), ...own } as ExpectedCluster];
    }),
  );
}

function endOf(name: string, cluster: string): ReturnType<Case['end']> {
  const { as } = readExpected(name);
  const before = as === undefined ? null : endOf(as, cluster);
  return {
    folder: join(folder, name, 'expected', cluster),
    inherited: new Map(before ? [...before.inherited, ...readFiles(before.folder)] : []),
  };
}

function filesOf(name: string): {
  handover: string;
  branches: Map<string, RepoFiles>;
  own: z.infer<typeof caseSchema>;
} {
  const own = caseSchema.parse(parse(readFileSync(join(folder, name, 'case.yaml'), 'utf8')));
  const base = own.base === undefined ? null : filesOf(own.base);
  let handover = readText(join(folder, name, 'handover.yaml')) ?? base?.handover ?? '';
  for (const edit of own.handover) handover = replaced(handover, edit, `handover.yaml of ${name}`);
  const names = own.branches ?? [
    ...(base?.branches.keys() ?? parseConfig(handover).clusters.map(({ branch }) => branch)),
  ];
  const branches = new Map(
    names.map((branch) => {
      const files: RepoFiles = new Map(base?.branches.get(branch) ?? []);
      const overlay = join(folder, name, 'repo', own.branches ? branch : '');
      for (const [path, file] of readFiles(overlay)) files.set(path, file);
      for (const path of own.remove)
        for (const known of files.keys())
          if (known === path || known.startsWith(`${path}/`)) files.delete(known);
      for (const [path, target] of Object.entries(own.links))
        files.set(path, { mode: '120000', content: Buffer.from(target) });
      for (const [path, commit] of Object.entries(own.submodules))
        files.set(path, { mode: '160000', content: Buffer.from(commit) });
      for (const [path, size] of Object.entries(own.large))
        files.set(path, {
          mode: '100644',
          content: Buffer.from('- entry: "of a large list"\n'.repeat(size / 27)),
        });
      return [branch, files] as const;
    }),
  );
  for (const edit of own.edits) {
    const holders = [...branches.values()].filter((files) => files.has(edit.file));
    if (holders.length === 0) throw new Error(`${name}: no branch has ${edit.file}`);
    for (const files of holders) {
      const text = files.get(edit.file)?.content.toString('utf8') ?? '';
      files.set(edit.file, { mode: '100644', content: Buffer.from(replaced(text, edit, edit.file)) });
    }
  }
  return { handover, branches, own };
}

/** The files that edits change. */
function edited(
  files: RepoFiles,
  edits: { file: string; from: string; to: string }[],
  name: string,
): RepoFiles {
  const changed: RepoFiles = new Map();
  for (const edit of edits) {
    const text = (changed.get(edit.file) ?? files.get(edit.file))?.content.toString('utf8');
    if (text === undefined) throw new Error(`${name}: nobody has ${edit.file}`);
    changed.set(edit.file, { mode: '100644', content: Buffer.from(replaced(text, edit, edit.file)) });
  }
  return changed;
}

/** Fails when the text is not there, so that a case can not go stale. */
function replaced(text: string, { from, to }: { from: string; to: string }, where: string): string {
  if (text.split(from).length !== 2) throw new Error(`${where} must contain exactly once: ${from}`);
  return text.replace(from, () => to);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Every file below a folder by its relative path; none where the folder is missing. */
export function readFiles(root: string): RepoFiles {
  const files: RepoFiles = new Map();
  const entries = lstatSync(root, { throwIfNoEntry: false })
    ? readdirSync(root, { recursive: true, withFileTypes: true })
    : [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink())
      files.set(relative(root, path), { mode: '120000', content: Buffer.from(readlinkSync(path)) });
    else if (entry.isFile()) files.set(relative(root, path), { mode: '100644', content: readFileSync(path) });
  }
  return files;
}
