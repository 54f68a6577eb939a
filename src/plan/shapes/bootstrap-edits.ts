/** Lets the bootstrap folder bootstrap Flux Operator, so that the next rebuild of the cluster does not bring the old Flux back. */
import { posix } from 'node:path';
import { kustomizationFile } from '../../repo/kustomize-build.ts';
import { list } from '../../repo/manifests.ts';
import { isBelow } from '../../repo/snapshot.ts';
import type { Tree } from '../../repo/tree.ts';
import { definitionOf } from '../decisions.ts';
import { note, warn } from '../hazard.ts';
import type { Edits } from '../remove-file.ts';
import { bootstrapValue, chartParts, renderBootstrapGuide, type Bootstrap } from '../render/bootstrap.ts';
import { instanceValues } from '../render/instance.ts';
import { renderFile, renderValue } from '../render/yaml.ts';
import { describeRoot } from '../roots.ts';
import { sopsKeysOf } from '../sops-keys.ts';
import type { Hazard } from '../types.ts';
import { fluxInstallEntry } from './evidence.ts';
import { instanceOf } from './app-edits.ts';
import type { ChangeRequest } from './commits.ts';

const kustomizeVersion = 'kustomize.config.k8s.io/v1beta1';

export function bootstrapEdits(tree: Tree, request: ChangeRequest, hazards: Hazard[]): Edits {
  const { bootstrap: manifest, scene, style } = request;
  if (!manifest) return {};
  const bootstrap = describeBootstrap(tree, request, posix.dirname(manifest.file), 'kustomize');
  const { folder, otherResources, instanceChart } = bootstrap;
  if (otherResources.length > 0)
    hazards.push(
      warn('bootstrap-keeps', manifest.place('resources'), {
        what: `${manifest.file} also lists ${otherResources.join(', ')}: these stay, its patches and other fields go`,
        why: 'They may have been patched there',
        mend: 'Look at the diff of the phase retire',
      }),
    );
  hazards.push(...callers(tree, folder));
  const heading = [
    '# IMPORTANT: This folder is not tracked by Flux and should never be. It only',
    '# installs Flux Operator on a new cluster: the commands are in the guide beside it.',
    `# Keep the version in step with ${posix.relative(folder, posix.join(style.layout.contents('flux-operator'), 'ocirepository.yaml'))}.`,
  ];
  const written = renderFile(
    { ...style, schema: () => null },
    kustomizeVersion,
    'Kustomization',
    renderValue(style, bootstrapValue(bootstrap)),
  );
  const newline = style.carriageReturns ? '\r\n' : '\n';
  const edits: Edits = {
    [manifest.file]: heading.map((line) => line + newline).join('') + written,
    [posix.join(folder, guideName(tree, folder))]: renderBootstrapGuide(bootstrap),
  };
  if (instanceChart) {
    const { repo, name } = chartParts(instanceChart.url);
    const value = {
      helmCharts: [
        {
          name,
          repo,
          version: instanceChart.version,
          releaseName: 'flux-instance',
          namespace: scene.cluster.namespace,
          valuesInline: instanceChart.values,
        },
      ],
    };
    edits[posix.join(folder, 'instance/kustomization.yaml')] = renderFile(
      { ...style, schema: () => null },
      kustomizeVersion,
      'Kustomization',
      renderValue(style, value),
    );
  }
  return edits;
}

/** The guide alone, for a folder that Flux tracks: a kustomization there would be applied by the root. */
export function gotkGuide(tree: Tree, request: ChangeRequest, folder: string): Edits {
  return {
    [posix.join(folder, guideName(tree, folder))]: renderBootstrapGuide(
      describeBootstrap(tree, request, folder, 'helm'),
    ),
  };
}

function describeBootstrap(
  tree: Tree,
  request: ChangeRequest,
  folder: string,
  form: Bootstrap['form'],
): Bootstrap {
  const { scene, style, source, root, bootstrap: manifest } = request;
  const { install } = scene.config;
  const rootFolder = posix.dirname(root.manifest.file);
  const config =
    kustomizationFile(tree, rootFolder) && scene.source?.file.startsWith(`${rootFolder}/`)
      ? { path: rootFolder, isFolder: true }
      : { path: root.manifest.file, isFolder: false };
  const described = describeRoot(root);
  const decryption = described.decryption?.secretRef;
  const secrets: Bootstrap['secrets'] = [
    ...(decryption ? [{ kind: 'Secret', name: decryption, purpose: 'decryption' }] : []),
    ...(source.secretRef ? [{ kind: 'Secret', name: source.secretRef, purpose: 'git' }] : []),
    ...described.substituteFrom.map(({ kind, name }) => ({ kind, name, purpose: 'substitution' })),
  ].map((secret) => ({ ...secret, file: definitionOf(scene, secret.kind, secret.name) }));
  return {
    form,
    sync: request.target.sync !== null,
    cluster: scene.cluster.name,
    namespace: scene.cluster.namespace,
    folder,
    instanceApp: style.layout.contents('flux-instance'),
    config,
    chart: { url: install.operatorChart, version: install.operatorVersion },
    instanceChart: request.target.instanceHelmRelease
      ? {
          url: install.instanceChart,
          version: install.operatorVersion,
          values: instanceValues(instanceOf(request), false),
        }
      : null,
    otherResources: list(manifest?.value, 'resources')
      .map(String)
      .filter((entry) => !fluxInstallEntry.test(entry)),
    source,
    root: described,
    secrets,
    sopsKeys: sopsKeysOf(tree, described.path, decryption ?? ''),
  };
}

/** An existing README is somebody's own words. */
function guideName(tree: Tree, folder: string): string {
  return tree.paths().includes(posix.join(folder, 'README.md')) ? 'FLUX-OPERATOR.md' : 'README.md';
}

/** Files that tell people (or tasks) to apply the bootstrap folder in the old way. */
function callers(tree: Tree, folder: string): Hazard[] {
  const tail = folder.split('/').slice(-2).join('/');
  const scripts = tree
    .paths()
    .filter(
      (path) =>
        /(^|\/)(\.?[Tt]askfile[^/]*\.ya?ml|\.?[Jj]ustfile|Makefile|README\.md|[^/]+\.(sh|just|mk))$|^\.taskfiles\//.test(
          path,
        ) && !isBelow(path, folder),
    );
  return scripts.flatMap((path) => {
    const lines = (tree.read(path) ?? '').split('\n');
    const line = lines.findIndex((content) => content.includes(tail));
    if (line < 0) return [];
    return [
      note(
        'bootstrap-caller',
        { file: path, line: line + 1 },
        {
          what: `${path} applies ${tail} in the old way`,
          why: 'The folder now needs kustomize --enable-helm, and more steps come after it',
          mend: `Follow the guide that the phase retire adds to ${folder}`,
        },
      ),
    ];
  });
}
