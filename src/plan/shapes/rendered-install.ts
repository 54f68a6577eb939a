/** Reads a file of rendered Flux manifests (gotk-components.yaml and the like) by its text: parsing its CRDs would cost a second each. */
import { posix } from 'node:path';
import type { Tree } from '../../repo/tree.ts';
import { isManifest } from '../../repo/snapshot.ts';
import { allComponents } from '../flux-objects.ts';

/** Controllers as YAML in Git. */
export interface RenderedInstall {
  file: string;
  /** Who wrote it: the flux CLI, `helm template` of the community chart, or somebody else. */
  origin: 'flux' | 'helm' | 'unknown';
  /** Exact, without v; '' where the file does not say. */
  version: string;
  /** Where the version stands, from 1. */
  versionLine: number;
  /** Controllers whose Deployment stands in the file. */
  components: string[];
  /** Names of its NetworkPolicies. */
  networkPolicies: string[];
  /** Registry (and path) of the controllers' images, without the image's name. */
  registry: string;
  namespace: string;
  /** Labels and annotations of its Namespace object. */
  namespaceMarks: Record<string, string>;
}

const headerVersion = /^# Flux [Vv]ersion:\s*v?(\d+\.\d+\.\d+\S*)\s*$/m;
const labelVersion = /^\s+app\.kubernetes\.io\/version:\s*["']?v?(\d+\.\d+\.\d+[^\s"']*)["']?\s*$/m;
const controllerImage = new RegExp(`^\\s+(?:- )?image:\\s*["']?(\\S+)/(${allComponents.join('|')})[:@]`, 'm');

/** Others have a helm-controller or a notification-controller, too. */
const fluxImage = /^\s+(?:- )?image:\s*["']?\S+\/(source|kustomize)-controller[:@]/m;

/** Those of the files whose text holds a Deployment of a Flux controller. */
export function findRenderedInstalls(tree: Tree, files: readonly string[]): RenderedInstall[] {
  return files.filter(isManifest).flatMap((path) => {
    const text = tree.read(path) ?? '';
    return /^kind:\s*["']?Deployment/m.test(text) && fluxImage.test(text)
      ? [readRenderedInstall(path, text)]
      : [];
  });
}

function readRenderedInstall(file: string, text: string): RenderedInstall {
  const documents = text.replaceAll('\r', '').split(/^---\s*$/m);
  const ofKind = (kind: string): string[] =>
    documents.filter((document) => new RegExp(`^kind:\\s*["']?${kind}["']?\\s*$`, 'm').test(document));
  const names = (kind: string): string[] => ofKind(kind).map(nameOf).filter(Boolean);
  const version = headerVersion.exec(text) ?? labelVersion.exec(text);
  const deployments = names('Deployment');
  return {
    file,
    origin: /^\s+helm\.sh\/chart:|^\s+app\.kubernetes\.io\/managed-by:\s*["']?Helm/m.test(text)
      ? 'helm'
      : headerVersion.test(text)
        ? 'flux'
        : 'unknown',
    version: version?.[1] ?? '',
    versionLine: version ? text.slice(0, version.index).split('\n').length : 1,
    components: allComponents.filter((component) => deployments.includes(component)),
    networkPolicies: names('NetworkPolicy').sort(),
    registry: controllerImage.exec(text)?.[1] ?? '',
    namespace: ofKind('Deployment').map(namespaceOf).find(Boolean) ?? '',
    namespaceMarks: marksOf(ofKind('Namespace')[0] ?? ''),
  };
}

function nameOf(document: string): string {
  return /^ {2}name:\s*["']?([\w.-]+)/m.exec(document)?.[1] ?? '';
}

function namespaceOf(document: string): string {
  return /^ {2}namespace:\s*["']?([\w.-]+)/m.exec(document)?.[1] ?? '';
}

function marksOf(document: string): Record<string, string> {
  return Object.fromEntries(
    [...document.matchAll(/^ {4}([\w./-]+):\s*["']?([^\s"']*)["']?\s*$/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
}

/** gotk-components.yaml or gotk-sync.yaml, whatever stands in it. */
export function isGotkFile(path: string): boolean {
  return /^gotk-(components|sync)\.ya?ml$/.test(posix.basename(path));
}

/** A file that `flux bootstrap` has yet to fill: no line of it is YAML. */
export function isPlaceholder(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*|---\s*)?$/.test(line.replace(/\r$/, '')));
}
