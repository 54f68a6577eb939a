/** How the neighbours of the new apps are written, so that the new files look like theirs. */
import { posix } from 'node:path';
import { field, findManifests, list, manifestsOf, text, type Manifest } from '../repo/manifests.ts';
import { isFluxKustomization } from './scene.ts';
import type { Tree } from '../repo/tree.ts';

export interface Style {
  /** Files begin with `---`. */
  documentStart: boolean;
  /** List entries are indented below their key. */
  indentLists: boolean;
  /** Entries and paths begin with `./`. */
  dotSlash: boolean;
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
}

const schemaLine = /^#\s*yaml-language-server:\s*\$schema=\S+.*$/m;

/** @param listFile the kustomization file that will name the new apps; @param folder where to look when it names none */
export function readStyle(tree: Tree, listFile: string, folder: string): Style {
  const listed = list(manifestsOf(tree, listFile)[0]?.value, 'resources').filter(
    (entry) => typeof entry === 'string',
  );
  const near = listed
    .flatMap((entry) => manifestsOf(tree, posix.join(posix.dirname(listFile), entry)))
    .filter(isFluxKustomization);
  const neighbour =
    near[0] ?? findManifests(tree, folder, /kustomize\.toolkit\.fluxcd\.io\/v/).find(isFluxKustomization);
  const own = neighbour ? (tree.read(neighbour.file) ?? '') : '';
  const listText = tree.read(listFile) ?? '';
  const spec = neighbour?.value['spec'];
  return {
    documentStart: /^---/m.test(own || listText),
    indentLists: !/^resources:\s*\n(\s*#.*\n|\s*\n)*-/m.test(listText.replaceAll('\r', '')),
    dotSlash: listed.length === 0 || listed.some((entry) => entry.startsWith('./')),
    carriageReturns: listText.includes('\r\n'),
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
  };
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
