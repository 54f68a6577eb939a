// Makes a Git repository that stands for github.com/fluxcd/flux2: its folder manifests/install at the tag of the lab's Flux.

import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { run } from '../commands.ts';
import { FLUX_VERSION } from '../toolchain/index.ts';

const fluxVersion = `v${FLUX_VERSION}`;

/** Upstream's base has three more, of which the lab has no images. */
const components = [
  'source-controller',
  'kustomize-controller',
  'notification-controller',
  'helm-controller',
];

const kustomization = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  resources: ['namespace.yaml', ...[...components, 'rbac', 'policies'].map((name) => `${name}.yaml`)],
  transformers: ['labels.yaml'],
  images: components.map((name) => ({ name: `fluxcd/${name}`, newName: `ghcr.io/fluxcd/${name}` })),
};

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'flux-system',
    labels: {
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/warn-version': 'latest',
    },
  },
};

const labels = {
  apiVersion: 'builtin',
  kind: 'LabelTransformer',
  metadata: { name: 'labels' },
  labels: { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/instance': 'flux-system' },
  fieldSpecs: [
    { path: 'metadata/labels', create: true },
    { kind: 'Deployment', path: 'spec/template/metadata/labels', create: true },
  ],
};

/**
 * Writes the repository to `<folder>/fluxcd/flux2.git`.
 * @returns the folder that stands for `https://github.com`.
 */
export async function makeInstallBase(operatorConfig: string, folder: string): Promise<string> {
  const repository = path.join(folder, 'fluxcd/flux2.git');
  const install = path.join(repository, 'manifests/install');
  await mkdir(install, { recursive: true });
  const manifests = path.join(operatorConfig, 'data/flux', fluxVersion);
  for (const name of [...components, 'rbac', 'policies']) {
    await cp(path.join(manifests, `${name}.yaml`), path.join(install, `${name}.yaml`));
  }
  for (const [name, content] of Object.entries({ kustomization, namespace, labels })) {
    await writeFile(path.join(install, `${name}.yaml`), stringify(content));
  }
  const git = (...parameters: string[]) =>
    run('git', ['-C', repository, ...parameters], { environment: committer });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', `--message=${fluxVersion}`);
  await git('tag', fluxVersion);
  return folder;
}

const committer = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'lab',
  GIT_AUTHOR_EMAIL: 'lab@haynes.example',
  GIT_COMMITTER_NAME: 'lab',
  GIT_COMMITTER_EMAIL: 'lab@haynes.example',
};
