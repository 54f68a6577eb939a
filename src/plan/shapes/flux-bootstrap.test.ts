/** Plans of clusters that `flux bootstrap` set up. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  bootstrapped,
  bootstrappedConfig,
  gotkComponents,
  gotkFolder as G,
} from '../fixtures/bootstrapped.ts';
import { realBuild, replaced, treeOf, type Files } from '../fixtures/index.ts';
import { coreComponents } from '../flux-objects.ts';
import { makeClusterPlan } from '../make-plan.ts';
import type { ClusterPlan } from '../types.ts';

const sync = `${G}/gotk-sync.yaml`;
const list = `${G}/kustomization.yaml`;

function plan(files: Files, extra = ''): Promise<ClusterPlan> {
  const config = bootstrappedConfig(extra);
  return makeClusterPlan({ tree: treeOf(files), config, cluster: config.clusters[0]!, build: realBuild });
}

async function refused(files: Files, extra?: string): Promise<string[]> {
  const { hazards } = await plan(files, extra);
  return hazards
    .filter(({ severity, id }) => severity === 'refuse' && id !== 'shape-not-offered')
    .map(({ id }) => id);
}

interface Spec {
  sync?: object;
  components: string[];
  cluster: { networkPolicy: boolean };
  kustomize?: { patches: { patch: string; target: object }[] };
}

function specOf(made: ClusterPlan): Spec {
  const file = made.changes
    .find(({ phase }) => phase === 'stage')
    ?.files.find(({ path }) => path.endsWith('fluxinstance.yaml'));
  return (parse(file?.after ?? '') as { spec: Spec }).spec;
}

function leaving(made: ClusterPlan): string[] {
  return made.changes.at(-1)?.files.map(({ path, action }) => `${action} ${path}`) ?? [];
}

const decrypting = `- patch: |
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      decryption:
        provider: sops
        secretRef:
          name: sops-age
      postBuild:
        substituteFrom:
        - kind: ConfigMap
          name: settings
          optional: false
`;
const workers = `# more workers
- target:
    kind: Deployment
    name: kustomize-controller
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --concurrent=20
`;

describe('as flux bootstrap leaves it', async () => {
  const made = await plan(bootstrapped());

  test('nothing is refused, also after a look at what each commit would do', async () => {
    expect(await refused(bootstrapped())).toEqual([]);
    expect(await refused(bootstrapped(workers + decrypting))).toEqual([]);
    expect(await refused(bootstrapped(workers + decrypting), 'install: { sync: keep }')).toEqual([]);
  });

  test('operator, stage, adopt, and the files leave in a later commit; nothing is collected', () => {
    expect(made.changes.map(({ phase, collects }) => [phase, collects])).toEqual([
      ['operator', []],
      ['stage', []],
      ['adopt', []],
      ['retire', []],
    ]);
    expect(leaving(made)).toEqual([
      `add ${G}/README.md`,
      `delete ${G}/gotk-components.yaml`,
      `delete ${G}/gotk-sync.yaml`,
      `delete ${G}/kustomization.yaml`,
    ]);
    expect(made.legacy).toMatchObject({
      shape: 'flux-bootstrap',
      version: '2.7.5',
      components: coreComponents,
      owner: { kind: 'Kustomization', name: 'flux-system', file: sync, prune: true },
      networkPolicies: true,
    });
  });

  test('the instance takes source and root over, with the same path, branch and secret', () => {
    expect(specOf(made)).toEqual({
      distribution: { version: '2.7.5', registry: 'ghcr.io/fluxcd' },
      components: coreComponents,
      cluster: { type: 'kubernetes', networkPolicy: true },
      sync: {
        kind: 'GitRepository',
        url: 'ssh://git@github.com/someone/fleet',
        ref: 'refs/heads/main',
        path: './clusters/prod',
        pullSecret: 'flux-system',
        interval: '1m0s',
      },
    });
    expect(made.target.sync?.root).toEqual({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      namespace: 'flux-system',
      name: 'flux-system',
    });
  });

  test('where Flux makes the list itself, the contents of an app stand behind a list of its own', () => {
    const operator = made.changes[0]!.files;
    expect(operator.map(({ path }) => path)).toEqual([
      'clusters/prod/flux-operator/app/helmrelease.yaml',
      'clusters/prod/flux-operator/app/kustomization.yaml',
      'clusters/prod/flux-operator/app/ocirepository.yaml',
      'clusters/prod/flux-operator/ks.yaml',
      'clusters/prod/flux-operator/kustomization.yaml',
    ]);
    expect(operator[4]?.after).toContain('- ks.yaml\n');
    expect(made.target.parentKustomization).toBe('flux-system');
  });

  test('the guide says how a new cluster begins, and that flux bootstrap does no longer', () => {
    const guide = made.changes.at(-1)?.files[0]?.after ?? '';
    const order = [
      'helm install flux-operator oci://',
      'create secret generic flux-system --from-file=identity',
      'kubectl apply --server-side -k clusters/prod/flux-instance/app',
      'kustomization/flux-system',
    ].map((words) => guide.indexOf(words));
    expect(order).toEqual(order.toSorted((left, right) => left - right));
    expect(order).not.toContain(-1);
    expect(guide).not.toContain('gotk-sync.yaml');
  });
});

test('what is patched onto the root is patched onto the generated one, and the controllers keep their patches', async () => {
  const made = await plan(bootstrapped(workers + decrypting));
  expect(made.roots[0]).toMatchObject({
    decryption: { provider: 'sops', secretRef: 'sops-age' },
    postBuild: true,
    substituteFrom: [{ kind: 'ConfigMap', name: 'settings', optional: false }],
  });
  const { patches } = specOf(made).kustomize!;
  expect(patches.map(({ target }) => target)).toEqual([
    { kind: 'Deployment', name: 'kustomize-controller' },
    { kind: 'Kustomization', name: 'flux-system' },
  ]);
  expect(parse(patches[1]!.patch)).toEqual([
    { op: 'add', path: '/spec/decryption', value: { provider: 'sops', secretRef: { name: 'sops-age' } } },
    {
      op: 'add',
      path: '/spec/postBuild',
      value: { substituteFrom: [{ kind: 'ConfigMap', name: 'settings', optional: false }] },
    },
  ]);
});

test('ignore, verify, intervals and labels are not lost either', async () => {
  const files = replaced(
    replaced(
      bootstrapped(),
      sync,
      '  url: ssh',
      '  ignore: |\n    /docs\n  verify:\n    mode: HEAD\n    secretRef:\n      name: keys\n  url: ssh',
    ),
    sync,
    'namespace: flux-system\nspec:\n  interval: 10m0s\n',
    'namespace: flux-system\n  labels:\n    team: platform\nspec:\n  interval: 1h\n  wait: true\n',
  );
  const { patches } = specOf(await plan(files)).kustomize!;
  expect(patches.map(({ patch, target }) => [target, parse(patch)])).toEqual([
    [
      { kind: 'GitRepository', name: 'flux-system' },
      [
        { op: 'add', path: '/spec/ignore', value: '/docs\n' },
        { op: 'add', path: '/spec/verify', value: { mode: 'HEAD', secretRef: { name: 'keys' } } },
      ],
    ],
    [
      { kind: 'Kustomization', name: 'flux-system' },
      [
        { op: 'replace', path: '/spec/interval', value: '1h' },
        { op: 'add', path: '/spec/wait', value: true },
      ],
    ],
    [
      { kind: 'Kustomization', name: 'flux-system' },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'flux-system', labels: { team: 'platform' } },
      },
    ],
  ]);
});

describe('without sync', () => {
  const renamed = Object.fromEntries(
    Object.entries(bootstrapped()).map(([path, text]) => [
      path,
      text
        .replaceAll('name: flux-system\n', 'name: fleet\n')
        .replace('namespace: fleet', 'namespace: flux-system'),
    ]),
  );
  renamed[sync] = renamed[sync]!.replaceAll('namespace: fleet', 'namespace: flux-system').replace(
    'secretRef:\n    name: fleet',
    'secretRef:\n    name: flux-system',
  );

  test.each([
    ['handover.yaml keeps them', bootstrapped(workers + decrypting), 'install: { sync: keep }'],
    [
      'a second root stands beside it',
      {
        ...bootstrapped(workers + decrypting),
        'clusters/prod/other/root.yaml': bootstrapped()['clusters/prod/apps.yaml']!,
        'clusters/prod/other/kustomization.yaml': 'resources: []\n',
      },
      '',
    ],
    [
      'the branch is given with a commit',
      replaced(bootstrapped(workers + decrypting), sync, 'branch: main', 'branch: main\n    commit: abc'),
      '',
    ],
  ])('root and source stay in Git with their patches where %s', async (_name, files, extra) => {
    const made = await plan(files, extra);
    expect(made.target.sync).toBeNull();
    expect(specOf(made).sync).toBeUndefined();
    expect(specOf(made).kustomize?.patches).toHaveLength(1);
    expect(leaving(made)).toEqual([
      `add ${G}/README.md`,
      `delete ${G}/gotk-components.yaml`,
      `modify ${list}`,
    ]);
    const rest = made.changes.at(-1)?.files[2]?.after ?? '';
    expect(rest).toBe(
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-sync.yaml\npatches:\n${decrypting}`,
    );
    expect(made.changes.at(-1)?.files[0]?.after).toContain(`kubectl apply --server-side -k ${G}`);
  });
});

test('what else the list holds stays', async () => {
  const files = {
    ...replaced(bootstrapped(workers), list, '- gotk-sync.yaml', '- gotk-sync.yaml\n- quota.yaml # ours'),
    [`${G}/quota.yaml`]:
      'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: ours, namespace: flux-system}\n',
  };
  const made = await plan(files);
  expect(made.changes.at(-1)?.files.find(({ path }) => path === list)?.after).toBe(
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- quota.yaml # ours\n',
  );
  expect(made.hazards.map(({ id }) => id)).toContain('bootstrap-keeps');
});

test('the controllers are those in the file, without those that a patch deletes', async () => {
  const deletion = `- target: { kind: Deployment, name: notification-controller }
  patch: |
    $patch: delete
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: notification-controller }
`;
  const made = await plan(bootstrapped(deletion, [...coreComponents, 'image-reflector-controller']));
  expect(specOf(made).components).toEqual([
    'source-controller',
    'kustomize-controller',
    'helm-controller',
    'image-reflector-controller',
  ]);
});

test('without NetworkPolicies in the file, the instance has none', async () => {
  const made = await plan({
    ...bootstrapped(),
    [`${G}/gotk-components.yaml`]: gotkComponents(coreComponents, []),
  });
  expect(specOf(made).cluster.networkPolicy).toBe(false);
});

test('a root with a list of its own gets the apps into it, and loses the folder that becomes empty', async () => {
  const top = 'clusters/prod/kustomization.yaml';
  const made = await plan({
    ...bootstrapped(),
    [top]:
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- apps.yaml\n- flux-system\n',
  });
  expect(made.changes[1]?.files.find(({ path }) => path === top)?.after).toContain(
    'resources:\n- apps.yaml\n- flux-instance.yaml\n- flux-operator.yaml\n- flux-system\n',
  );
  expect(made.changes.at(-1)?.files.find(({ path }) => path === top)?.after).not.toContain('flux-system');
  expect(made.changes[0]?.files.map(({ path }) => path)).toContain('clusters/prod/flux-operator.yaml');
});

const placeholder = '# filled by flux bootstrap\n';
test.each([
  [
    'files that wait to be filled',
    'gotk-placeholder',
    { ...bootstrapped(), [`${G}/gotk-components.yaml`]: placeholder, [sync]: placeholder },
  ],
  [
    'a sync without controllers',
    'controllers-not-in-git',
    { ...bootstrapped(), [`${G}/gotk-components.yaml`]: placeholder },
  ],
  [
    'controllers of two clusters',
    'several-bootstraps',
    { ...bootstrapped(), 'clusters/prod/old/gotk-components.yaml': gotkComponents(coreComponents) },
  ],
  [
    'controllers that no root applies',
    'root-not-found',
    replaced(bootstrapped(), sync, 'path: ./clusters/prod', 'path: ./apps/prod'),
  ],
  [
    'another registry',
    'images-differ',
    {
      ...bootstrapped(),
      [`${G}/gotk-components.yaml`]: gotkComponents(coreComponents).replaceAll(
        'ghcr.io/fluxcd',
        'mirror.example.com/fluxcd',
      ),
    },
  ],
  [
    'labels for everything',
    'install-fields-not-translatable',
    { ...bootstrapped(), [list]: `${bootstrapped()[list]}commonLabels: { team: platform }\n` },
  ],
])('refused: %s', async (_name, id, files) => {
  expect(await refused(files)).toContain(id);
});

test('a controller that handover.yaml leaves out is refused', async () => {
  expect(
    await refused(bootstrapped(), 'install: { components: [source-controller, kustomize-controller] }'),
  ).toEqual(['component-not-built', 'component-not-built', 'collects-unplanned']);
});
