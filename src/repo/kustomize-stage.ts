/** The files that a kustomize build reads, ready to be written somewhere: what would be fetched or run is taken out and named. */
import { posix } from 'node:path';
import { generatedKustomization, withFluxFields } from './kustomize-flux.ts';
import { isFile, isFolder, kustomizationFile } from './kustomize-folders.ts';
import { loosened } from './kustomize-loosen.ts';
import { isRemote, kustomizationIn, kustomizationNames, referencesOf } from './kustomize-references.ts';
import { list, manifestsOf, text, type Manifest } from './manifests.ts';
import type { Tree } from './tree.ts';
import { splitDocuments, tooLong, type YamlProblem } from './yaml-documents.ts';

/** Something that a build would read or run and that is neither fetched nor run here. */
export interface UnknownPart {
  file: string;
  /** From 1. */
  line: number;
  what: string;
}

export interface StagedBuild {
  /** Folder to build, below the place where the files are written. */
  folder: string;
  /** Contents by path. */
  files: Map<string, string>;
  unknown: UnknownPart[];
  /** Why the build can not work, in words; null where the program has to say. */
  broken: string | null;
}

const pluginLists = ['generators', 'transformers', 'validators'];
const helmFields = ['helmCharts', 'helmChartInflationGenerator'];

/** @param spec of the Flux Kustomization that builds the folder; {} for a plain kustomize build */
export function stageBuild(tree: Tree, folder: string, spec: Record<string, unknown>): StagedBuild {
  const staged: StagedBuild = { folder, files: new Map(), unknown: [], broken: null };
  /** Rewritten kustomizations by file; the others are written as they are. */
  const rewritten = new Map<string, Record<string, unknown>>();
  const seen = new Set<string>();
  const fail = (file: string, line: number, what: string): void => {
    staged.broken ??= `${file}:${line} ${what}`;
  };

  const stageFile = (path: string): boolean => {
    const content = tree.read(path);
    // kustomize takes minutes and gigabytes for what no API server would store.
    const long = content !== null && /\.ya?ml$/.test(path) ? longDocument(content) : null;
    if (long) fail(path, long.line, `holds ${long.what}`);
    if (content !== null) staged.files.set(path, content);
    return content !== null;
  };

  const stageFolder = (current: string): void => {
    if (seen.has(current)) return;
    seen.add(current);
    const file = kustomizationFile(tree, current);
    const manifest = file === null ? null : kustomizationIn(tree, file);
    const outermost = current === folder;
    if (file !== null && manifest === null) {
      // Let the program say what is wrong with it.
      stageFile(file);
      return;
    }
    if (file === null && !outermost) return;
    const own = manifest?.value ?? generatedKustomization(tree, current);
    const value = structuredClone(outermost ? withFluxFields(tree, current, own, spec) : own);
    const target = file ?? posix.join(current, 'kustomization.yaml');
    for (const name of kustomizationNames) {
      const other = posix.join(current, name);
      // Two of them are refused by kustomize: it must see both.
      if (other !== target && isFile(tree, other)) stageFile(other);
    }
    const changed = takeOut(target, current, value, manifest);
    if (changed || outermost) rewritten.set(target, value);
    else stageFile(target);
  };

  /** @returns whether something was taken out of `value` */
  const takeOut = (
    file: string,
    current: string,
    value: Record<string, unknown>,
    manifest: Manifest | null,
  ): boolean => {
    const dropped = new Map<string, Set<number>>();
    const lineOf = (at: (string | number)[]): number => manifest?.place(...at).line ?? 1;
    const drop = (at: (string | number)[], what: string): void => {
      const [key, index] = at;
      const indexes = dropped.get(String(key)) ?? new Set();
      dropped.set(String(key), indexes.add(Number(index)));
      staged.unknown.push({ file, line: lineOf(at), what });
    };
    for (const { entry, at, path, folder: mayBeFolder } of referencesOf(value, current)) {
      const key = String(at[0]);
      if (path === null) drop(at, entry);
      else if (path.startsWith('..') || entry.startsWith('/'))
        fail(file, lineOf(at), `names ${entry}, which is outside the repository`);
      else if (isFile(tree, path)) {
        const plugin = pluginLists.includes(key) ? foreignPlugin(tree, path) : null;
        if (plugin !== null) drop(at, `${plugin} in ${path}`);
        else if (!stageFile(path) && ['resources', 'components', 'bases', 'patches'].includes(key))
          drop(at, `${path}, which is no text file`);
        else if (!staged.files.has(path)) staged.files.set(path, `not text: ${path}\n`);
      } else if (mayBeFolder && isFolder(tree, path)) {
        if (pluginLists.includes(key)) drop(at, `plugins in ${path}`);
        else if (kustomizationFile(tree, path)) stageFolder(path);
        else fail(file, lineOf(at), `names ${entry}, a folder without kustomization.yaml`);
      } else fail(file, lineOf(at), `names ${entry}, which is not there`);
    }
    for (const key of pluginLists)
      list(value, key).forEach((entry, index) => {
        if (typeof entry === 'string' && entry.includes('\n') && isForeignPlugin(entry))
          drop([key, index], 'a plugin that is written in place');
      });
    for (const key of helmFields) {
      if (list(value, key).length === 0) continue;
      for (const chart of list(value, key))
        staged.unknown.push({
          file,
          line: lineOf([key]),
          what: `Helm chart ${text(chart, 'name')} ${text(chart, 'version')}`.trim(),
        });
      delete value[key];
      dropped.set(key, new Set());
    }
    for (const [key, indexes] of dropped) {
      if (key === 'openapi') delete value[key];
      else if (key in value) value[key] = list(value, key).filter((_, index) => !indexes.has(index));
    }
    return dropped.size > 0;
  };

  stageFolder(folder);
  for (const [file, value] of rewritten) staged.files.set(file, JSON.stringify(value));
  if (staged.unknown.length > 0) loosened(tree, staged, seen);
  return staged;
}

/** Why a file of a generator, transformer or validator is not run; null for kustomize's own, without addresses. */
function foreignPlugin(tree: Tree, path: string): string | null {
  const manifests = manifestsOf(tree, path);
  if (manifests.length === 0) return 'unreadable plugin';
  const foreign = manifests.find(
    ({ apiVersion, kind, value }) =>
      apiVersion !== 'builtin' ||
      kind === 'HelmChartInflationGenerator' ||
      isRemoteInside(JSON.stringify(value)),
  );
  return foreign ? `plugin ${foreign.kind}` : null;
}

function longDocument(content: string): YamlProblem | null {
  // Cheap for all but the few that are long.
  if (!tooLong({ text: content, offset: 0 })) return null;
  return splitDocuments(content).reduce<YamlProblem | null>((found, part) => found ?? tooLong(part), null);
}

function isForeignPlugin(content: string): boolean {
  return (
    !/^apiVersion:\s*["']?builtin/m.test(content) ||
    /HelmChartInflationGenerator/.test(content) ||
    isRemoteInside(content)
  );
}

function isRemoteInside(content: string): boolean {
  return /(https?|ssh|git):\/\//.test(content) || content.split(/["'\s]+/).some((word) => isRemote(word));
}
