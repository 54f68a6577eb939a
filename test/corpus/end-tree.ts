/** The repository as it is after the last commit of a plan, on the disk, and the Flux Kustomizations in it. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { ClusterPlan } from '../../src/plan/types.ts';
import type { RepoFiles } from './case.ts';
import { endOf } from './outcome.ts';

/** Entries of a kustomization that are not in the repository: nothing here goes to the network. */
const remoteEntry = /^\s*-\s*["']?(https?:|git@|ssh:|github\.com\/).*$/gm;

export interface EndTree {
  directory: string;
  files: RepoFiles;
  /** Objects by file, as far as it is YAML. */
  objects: Map<string, unknown[]>;
}

/** The same for the same input of a build: the files below a folder, or all files where some entry leads out of it. */
export function inputOf({ files }: EndTree, folder: string): string {
  const below = [...files].filter(([path]) => folder === '.' || path.startsWith(`${folder}/`));
  const leadsOut = below.some(([, { content }]) => content.includes('../'));
  const hash = createHash('sha256').update(folder);
  for (const [path, { mode, content }] of leadsOut ? files : below)
    hash.update(`${path} ${mode} `).update(content);
  return hash.digest('hex');
}

export function writeEndTree(plan: ClusterPlan, before: RepoFiles): EndTree {
  const directory = mkdtempSync(join(tmpdir(), 'end-tree-'));
  const files: RepoFiles = new Map(before);
  for (const [path, text] of endOf(plan)) {
    if (text === null) files.delete(path);
    else files.set(path, { mode: '100644', content: Buffer.from(text) });
  }
  const objects = new Map<string, unknown[]>();
  for (const [path, { mode, content }] of files) {
    const place = join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    if (mode === '120000') symlinkSync(content.toString('utf8'), place);
    if (mode !== '100644') continue;
    const isList = /(^|\/)kustomization\.ya?ml$/.test(path);
    writeFileSync(place, isList ? content.toString('utf8').replaceAll(remoteEntry, '') : content);
    if (/\.ya?ml$/.test(path) && content.length < 1_000_000)
      objects.set(path, objectsIn(content.toString('utf8')));
  }
  return { directory, files, objects };
}

export function objectsIn(text: string): unknown[] {
  return [...parseAllDocuments(text, { merge: true })]
    .map((document) => (document.errors.length > 0 ? null : (document.toJS() as unknown)))
    .filter((object) => object !== null);
}

const kustomization = z.object({
  apiVersion: z.string().startsWith('kustomize.toolkit.fluxcd.io/'),
  kind: z.literal('Kustomization'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    path: z.string().default('./'),
    sourceRef: z.object({ kind: z.string(), name: z.string() }),
  }),
});

export interface OwnKustomization {
  name: string;
  folder: string;
  object: unknown;
}

/** Every Kustomization that reads the cluster's own source, and the root that the operator generates. */
export function kustomizationsIn({ objects }: EndTree, plan: ClusterPlan): OwnKustomization[] {
  const written = [...objects].flatMap(([file, each]) => each.map((object) => ({ file, object })));
  const generated = generatedRoot(plan).map((object) => ({ file: '', object }));
  return [...written, ...generated].flatMap(({ file, object }) => {
    const { data } = kustomization.safeParse(object);
    const { kind, name } = data?.spec.sourceRef ?? {};
    if (!data || kind !== plan.source?.kind || name !== plan.source?.name) return [];
    const { path } = data.spec;
    // What a variable stands for is what the plan says; that the folder is there and builds is seen here.
    const folder = path.includes('${') ? (plan.roots.find((root) => root.file === file)?.path ?? path) : path;
    return [{ name: data.metadata.name, folder: posix.join(folder, '.'), object }];
  });
}

function generatedRoot({ target: { sync } }: ClusterPlan): unknown[] {
  if (!sync) return [];
  const { root, source, path } = sync;
  return [
    {
      apiVersion: root.apiVersion,
      kind: root.kind,
      metadata: { name: root.name, namespace: root.namespace },
      spec: { interval: '10m', path, prune: true, sourceRef: { kind: source.kind, name: source.name } },
    },
  ];
}
