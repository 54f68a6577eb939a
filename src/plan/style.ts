/** How the neighbours of the new apps are written, so that the new files look like theirs. */
import { posix } from 'node:path';
import { field, findManifests, list, manifestsOf, text, type Manifest } from '../repo/manifests.ts';
import { neighboursOf, readLayout, type AppLayout } from './layout.ts';
import { isFluxKustomization } from './scene.ts';
import { isGotkFile } from './shapes/rendered-install.ts';
import { isBelow } from '../repo/snapshot.ts';
import type { Tree } from '../repo/tree.ts';

export interface Style {
  /** Files begin with `---`. */
  documentStart: boolean;
  /** Spaces of one level. */
  indentation: number;
  /** What strings are quoted with; '' where they are plain. */
  quotes: '"' | "'" | '';
  /** List entries are indented below their key. */
  indentLists: boolean;
  /** Entries of lists begin with `./`. */
  dotSlash: boolean;
  /** Paths of Kustomizations begin with `./`. */
  pathDotSlash: boolean;
  carriageReturns: boolean;
  /** The `# yaml-language-server` line for an object, or null where the neighbours have none. */
  schema(apiVersion: string, kind: string): string | null;
  /** Order of the keys of a Kustomization's spec. */
  specOrder: string[];
  interval: string;
  retryInterval: string;
  timeout: string;
  /** `name: &app NAME`, used again as `*app`. */
  nameAnchor: boolean;
  /** `commonMetadata.labels: {app.kubernetes.io/name: NAME}`. */
  nameLabel: boolean;
  targetNamespace: boolean;
  sourceNamespace: boolean;
  dependencyNamespace: boolean;
  layout: AppLayout;
}

const schemaLine = /^#\s*yaml-language-server:\s*\$schema=\S+.*$/m;

/** @param listFile the kustomization file that will name the new apps, or (not there) would; @param folder where to look when it names none */
export function readStyle(tree: Tree, listFile: string, folder: string): Style {
  const listed = list(manifestsOf(tree, listFile)[0]?.value, 'resources').filter(
    (entry) => typeof entry === 'string',
  );
  const neighbour = neighboursOf(tree, listFile)[0]?.manifest ?? nearest(tree, listFile, folder);
  const own = neighbour ? (tree.read(neighbour.file) ?? '') : '';
  const listText = tree.read(listFile) ?? '';
  const spec = neighbour?.value['spec'];
  return {
    documentStart: /^(?:\s*#.*\r?\n|\s*\r?\n)*---/.test(own || listText),
    indentation: /^metadata:[ \t]*\r?\n( +)\S/m.exec(own)?.[1]?.length ?? 2,
    quotes: quotesOf(own),
    indentLists: !/^( *)(?!- )\S.*:[ \t]*\n(?:[ \t]*#.*\n|[ \t]*\n)*\1- /m.test(
      (listText || own).replaceAll('\r', ''),
    ),
    dotSlash: (listed.length > 0 ? listed : entriesNearby(tree, folder)).some((entry) =>
      entry.startsWith('./'),
    ),
    pathDotSlash: neighbour === undefined || text(spec, 'path').startsWith('./'),
    carriageReturns: (listText || own).includes('\r\n'),
    schema: schemaOf(own, listText, neighbour),
    specOrder: typeof spec === 'object' && spec !== null ? Object.keys(spec) : [],
    interval: literal(spec, 'interval') ?? '1h',
    retryInterval: literal(spec, 'retryInterval') ?? '1m',
    timeout: literal(spec, 'timeout') ?? '5m',
    nameAnchor: /^\s*name:\s*&app\s/m.test(own),
    nameLabel: text(spec, 'commonMetadata', 'labels', 'app.kubernetes.io/name') !== '',
    targetNamespace: text(spec, 'targetNamespace') !== '',
    sourceNamespace: text(spec, 'sourceRef', 'namespace') !== '',
    dependencyNamespace: list(spec, 'dependsOn').some((entry) => text(entry, 'namespace') !== ''),
    layout: readLayout(tree, listFile),
  };
}

/** The quotes of a neighbour whose name and path both have them; who quotes here and there has no rule to follow. */
function quotesOf(own: string): Style['quotes'] {
  const quote = (key: string): string =>
    new RegExp(`^ +${key}:\\s+(?:&\\S+\\s+)?(["']?)`, 'm').exec(own)?.[1] ?? '';
  const found = quote('name');
  return found === quote('path') && (found === '"' || found === "'") ? found : '';
}

/** Where no list names a neighbour: one in the same folder, else any; never what the flux CLI wrote. */
function nearest(tree: Tree, listFile: string, folder: string): Manifest | undefined {
  const found = findManifests(tree, folder, /kustomize\.toolkit\.fluxcd\.io\/v/).filter(isFluxKustomization);
  const written = found.filter(({ file }) => !isGotkFile(file));
  const inSameFolder = written.find(({ file }) => posix.dirname(file) === posix.dirname(listFile));
  return inSameFolder ?? written[0] ?? found[0];
}

/** What other lists in the cluster's folder name. */
function entriesNearby(tree: Tree, folder: string): string[] {
  const files = tree.paths().filter((path) => isBelow(path, folder) && path.endsWith('/kustomization.yaml'));
  for (const file of files) {
    const entries = list(manifestsOf(tree, file)[0]?.value, 'resources').filter(
      (entry): entry is string =>
        typeof entry === 'string' && !entry.startsWith('../') && !entry.includes('://'),
    );
    if (entries.length > 0) return entries;
  }
  return [];
}

/** A neighbour's value, unless it is a template. */
function literal(spec: unknown, key: string): string | null {
  const value = text(field(spec, key));
  return /^(\d+(ms|s|m|h))+$/.test(value) ? value : null;
}

function schemaOf(own: string, listText: string, neighbour: Manifest | undefined): Style['schema'] {
  const line = schemaLine.exec(own)?.[0].trim();
  const forLists = schemaLine.exec(listText)?.[0].trim() ?? null;
  return (apiVersion, kind) => {
    if (apiVersion.startsWith('kustomize.config.k8s.io/')) return forLists;
    if (!line || !neighbour) return null;
    const [group = '', version = ''] = apiVersion.split('/');
    const known = new RegExp(
      `kustomize\\.toolkit\\.fluxcd\\.io/kustomization_${neighbour.apiVersion.split('/')[1]}`,
    );
    if (apiVersion === neighbour.apiVersion && kind === neighbour.kind) return line;
    // Every catalogue names its schemas group/kind_version; a line of another form is not guessed at.
    return known.test(line) ? line.replace(known, `${group}/${kind.toLowerCase()}_${version}`) : null;
  };
}
