/** Renders `ks.yaml` (a Flux Kustomization that never prunes) and the kustomization.yaml beside the app's files. */
import type { Style } from '../style.ts';
import { indent, renderFile, renderString, renderValue } from './yaml.ts';

export interface AppKustomization {
  name: string;
  namespace: string;
  /** Folder of the app's files, from the repository's root. */
  path: string;
  source: { name: string; namespace: string };
  dependsOn: string[];
}

const defaultOrder = [
  'targetNamespace',
  'commonMetadata',
  'dependsOn',
  'path',
  'prune',
  'deletionPolicy',
  'sourceRef',
  'wait',
  'interval',
  'retryInterval',
  'timeout',
];

/** `prune: false` and `deletionPolicy: Orphan`: neither a missing file nor a deleted Kustomization may ever remove Flux. */
export function renderKustomization(style: Style, app: AppKustomization): string {
  const name = style.nameAnchor ? '*app' : renderString(style, app.name);
  const pad = ' '.repeat(style.indentation);
  const value = (key: string, content: unknown): string => renderValue(style, { [key]: content });
  const fields: Record<string, string> = {
    ...(style.targetNamespace ? { targetNamespace: value('targetNamespace', app.namespace) } : {}),
    ...(style.nameLabel
      ? {
          commonMetadata: `commonMetadata:\n${pad}labels:\n${pad}${pad}app.kubernetes.io/name: ${name}\n`,
        }
      : {}),
    ...(app.dependsOn.length > 0
      ? {
          dependsOn: value(
            'dependsOn',
            app.dependsOn.map((dependency) => ({
              name: dependency,
              ...(style.dependencyNamespace ? { namespace: app.namespace } : {}),
            })),
          ),
        }
      : {}),
    path: value('path', `${style.pathDotSlash ? './' : ''}${app.path}`),
    prune: 'prune: false\n',
    deletionPolicy: 'deletionPolicy: Orphan\n',
    sourceRef: value('sourceRef', {
      kind: 'GitRepository',
      name: app.source.name,
      ...(style.sourceNamespace || app.source.namespace !== app.namespace
        ? { namespace: app.source.namespace }
        : {}),
    }),
    wait: 'wait: true\n',
    interval: value('interval', style.interval),
    retryInterval: value('retryInterval', style.retryInterval),
    timeout: value('timeout', style.timeout),
  };
  const known = style.specOrder
    .flatMap((key) => (key === 'prune' ? ['prune', 'deletionPolicy'] : [key]))
    .filter((key) => key in fields);
  // What the neighbours do not have comes where it usually stands: what concerns all objects first, timing last.
  const missing = defaultOrder.filter((key) => key in fields && !known.includes(key));
  const leading = missing.filter((key) => defaultOrder.indexOf(key) < defaultOrder.indexOf('path'));
  const order = [...leading, ...known, ...missing.filter((key) => !leading.includes(key))];
  const spec = order.map((key) => fields[key] ?? '').join('');
  const named = `${style.nameAnchor ? '&app ' : ''}${renderString(style, app.name)}`;
  const metadata = `metadata:\n${pad}name: ${named}\n${pad}namespace: ${renderString(style, app.namespace)}\n`;
  return renderFile(
    style,
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    `${metadata}spec:\n${indent(spec, style.indentation)}`,
  );
}

export function renderResourceList(style: Style, files: string[]): string {
  const resources = files.map((file) => (style.dotSlash ? `./${file}` : file));
  return renderFile(
    style,
    'kustomize.config.k8s.io/v1beta1',
    'Kustomization',
    // Wider indentation would move the dashes, too.
    renderValue(style.indentLists ? style : { ...style, indentation: 2 }, { resources }),
  );
}
