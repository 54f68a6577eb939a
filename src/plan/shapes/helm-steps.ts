/** The steps of the shape helm that no other has: the release is suspended at first, and leaves with what belongs to it at last. */
import { posix } from 'node:path';
import { setFields } from '../../repo/edit.ts';
import { isBelow } from '../../repo/snapshot.ts';
import { reachOf } from '../../repo/kustomize-build.ts';
import { field, isRecord, manifestsOf, text, type Manifest } from '../../repo/manifests.ts';
import type { Tree } from '../../repo/tree.ts';
import { parsePatch } from '../patch-body.ts';
import { removeObjects, type Edits } from '../remove-file.ts';
import type { FluxKustomization, Scene } from '../scene.ts';
import type { ObjectReference } from '../types.ts';
import { bootstrapEdits, gotkGuide } from './bootstrap-edits.ts';
import type { OwnSteps } from './commits.ts';
import { chartControllers, chartValues } from './helm-controllers.ts';
import { helmChartOf, type FluxRelease } from './helm-release.ts';

/**
 * @param doomed the release first, and what leaves with it
 * @param components that run
 */
export function helmSteps(
  { namespace, folder }: { namespace: string; folder: string },
  release: FluxRelease,
  doomed: Manifest[],
  components: string[],
): OwnSteps {
  const chart = helmChartOf(release);
  return {
    orphan: {
      message: `chore(flux): suspend the HelmRelease ${release.name}`,
      edits: (tree) => suspendEdits(tree, release.manifest),
    },
    retire: {
      message: `chore(flux): remove the HelmRelease ${release.name}, bootstrap Flux Operator`,
      edits: (tree, request, hazards) => ({
        ...removeObjects(tree, folder, doomed),
        ...staleValues(tree, folder),
        // A kustomization that pulls Flux's install is rewritten; where helm installs it, the guide alone is new.
        ...(request.bootstrap
          ? bootstrapEdits(tree, request, hazards)
          : gotkGuide(tree, request, bootstrapFolder(tree, folder))),
      }),
      collects: [
        ...doomed.map((manifest) => referenceOf(manifest, release.namespace)),
        ...(chart ? [chart] : []),
        ...leftBehind(components, namespace),
      ],
    },
    // The operator takes over what kubectl, helm and kustomize-controller own, and nobody else's fields unless it is told so.
    operatorValues: { extraArgs: ['--override-manager=helm-controller'] },
  };
}

/** Files of values for the chart in a bootstrap folder: with them the next new cluster would get the old Flux again. */
function staleValues(tree: Tree, folder: string): Edits {
  const stale = tree.paths().filter((path) => {
    if (!isBelow(path, folder) || !/(^|\/)bootstrap\//.test(path) || !/\.ya?ml$/.test(path)) return false;
    const values = parsePatch(tree.read(path) ?? '');
    const keys = isRecord(values) ? Object.keys(values) : [];
    return (
      keys.some((key) => chartControllers.some((controller) => controller.key === key)) &&
      keys.every(
        (key) => chartValues.has(key) || chartControllers.some((controller) => controller.key === key),
      )
    );
  });
  return Object.fromEntries(stale.map((path) => [path, null]));
}

/** Where a new cluster begins: the folder that bootstraps Flux today, or a new one. */
export function bootstrapFolder(tree: Tree, folder: string): string {
  const there = tree
    .paths()
    .filter((path) => isBelow(path, folder) && /(^|\/)bootstrap\//.test(path.slice(folder.length)))
    .map((path) => posix.dirname(path));
  return there.find((path) => /\/flux2?$/.test(path)) ?? posix.join(folder, 'bootstrap/flux');
}

/** A suspended HelmRelease neither upgrades nor, when it is deleted, uninstalls (helm-controller, reconcileDelete). */
function suspendEdits(tree: Tree, { file, index, value }: Manifest): Edits {
  const after = field(value, 'spec', 'interval') === undefined ? {} : { after: 'interval' };
  return {
    [file]: setFields(tree.read(file) ?? '', index, [{ path: ['spec', 'suspend'], value: true, ...after }]),
  };
}

/** The release, its source where nothing else reads it, and the Kustomization that applies nothing else. */
export function leavingWith(scene: Scene, release: FluxRelease, chain: FluxKustomization[]): Manifest[] {
  const { tree } = scene;
  const { manifest, source, sourceReference } = release;
  const doomed = [manifest];
  const [applier, above] = chain;
  const reached = applier ? manifestsIn(tree, applier) : [];
  if (
    source &&
    reached.some((other) => same(other, source)) &&
    !readElsewhere(scene, release, sourceReference.kind)
  )
    doomed.push(source);
  const others = reached.filter((other) => !doomed.some((one) => same(one, other)));
  if (applier && above && others.length === 0) doomed.push(applier.manifest);
  return doomed;
}

function manifestsIn(tree: Tree, { folder }: FluxKustomization): Manifest[] {
  return [...reachOf(tree, folder).files].flatMap((file) => manifestsOf(tree, file));
}

function same(left: Manifest, right: Manifest): boolean {
  return left.file === right.file && left.index === right.index;
}

function readElsewhere({ find }: Scene, { manifest, sourceReference }: FluxRelease, kind: string): boolean {
  return find(/kind:\s*["']?HelmRelease/).some(
    (other) =>
      other.kind === 'HelmRelease' &&
      other.name !== manifest.name &&
      [field(other.value, 'spec', 'chartRef'), field(other.value, 'spec', 'chart', 'spec', 'sourceRef')].some(
        (reference) => text(reference, 'kind') === kind && text(reference, 'name') === sourceReference.name,
      ),
  );
}

function referenceOf({ apiVersion, kind, name, namespace }: Manifest, otherwise: string): ObjectReference {
  return { apiVersion, kind, namespace: namespace || otherwise, name };
}

/** What the chart names otherwise than the operator's build: it is not adopted, and nothing in Git removes it. */
function leftBehind(components: string[], namespace: string): ObjectReference[] {
  const role = (kind: string, name: string): ObjectReference => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    namespace: '',
    name,
  });
  return [
    role('ClusterRole', 'crd-controller'),
    role('ClusterRole', 'flux-edit'),
    role('ClusterRole', 'flux-view'),
    role('ClusterRoleBinding', 'cluster-reconciler'),
    role('ClusterRoleBinding', 'crd-controller'),
    ...(components.includes('source-watcher')
      ? [{ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'source-watcher-controller' }]
      : []),
  ];
}
