/** Plans of small repositories: what is decided, what would be committed, and what is refused. */
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { HandoverConfig } from '../config/schema.ts';
import { overlayTree } from '../repo/tree.ts';
import {
  fixture,
  homeConfig,
  homeFolder as P,
  realBuild,
  plainConfig,
  replaced,
  treeOf,
  type Files,
} from './fixtures/index.ts';
import { makeClusterPlan, refusals } from './make-plan.ts';
import type { ClusterPlan } from './types.ts';

const owner = `${P}/flux/config/flux.yaml`;
const cluster = `${P}/flux/config/cluster.yaml`;
const apps = `${P}/flux/apps.yaml`;
const list = `${P}/apps/flux-system/kustomization.yaml`;

/** Parsed YAML, looked into without ceremony. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = Record<string, any>;

function plan(files: Files = fixture('home'), config: HandoverConfig = homeConfig()): Promise<ClusterPlan> {
  return makeClusterPlan({ tree: treeOf(files), config, cluster: config.clusters[0]!, build: realBuild });
}

function content(from: ClusterPlan, phase: string, ending: string): string {
  const file = from.changes
    .find((change) => change.phase === phase)
    ?.files.find(({ path }) => path.endsWith(ending));
  return file?.after ?? '';
}

async function refused(files: Files, config?: HandoverConfig): Promise<string[]> {
  return refusals(await plan(files, config)).map(({ id }) => id);
}

describe('a home lab', async () => {
  const made = await plan();

  test('is planned without a refusal, in five commits', () => {
    expect(refusals(made)).toEqual([]);
    expect(made.changes.map(({ phase }) => phase)).toEqual([
      'orphan',
      'operator',
      'stage',
      'adopt',
      'retire',
    ]);
    expect(made.roots.map(({ name }) => name)).toEqual(['cluster', 'cluster-apps']);
    expect(made.target).toMatchObject({
      parentKustomization: 'cluster-apps',
      distributionVersion: '2.7.5',
      charts: ['oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator:0.58.1'],
    });
    expect(made.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('orphaning changes one line and adds two', () => {
    const diff = made.changes[0]!.files.map((file) => file.diff).join('');
    const lines = diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line));
    expect(lines).toEqual([
      '-  prune: true   # everything it owns',
      '+  prune: false   # everything it owns',
      '+  deletionPolicy: Orphan',
      '+  suspend: true',
    ]);
    expect(diff).toMatch(/^--- a\/kubernetes/);
  });

  test('the FluxInstance is staged disabled, has no sync, keeps the network as it is, and carries the patches with their comments', () => {
    const text = content(made, 'stage', 'fluxinstance.yaml');
    const instance = parse(text) as { metadata: object; spec: Loose };
    expect(instance.metadata).toEqual({
      name: 'flux',
      namespace: 'flux-system',
      annotations: { 'fluxcd.controlplane.io/reconcile': 'disabled' },
    });
    expect(instance.spec['sync']).toBeUndefined();
    expect(instance.spec['distribution']).toEqual({ version: '2.7.5', registry: 'ghcr.io/fluxcd' });
    expect(instance.spec['cluster']).toEqual({ type: 'kubernetes', networkPolicy: false });
    expect(instance.spec['kustomize'].patches).toHaveLength(2);
    expect(instance.spec['kustomize'].patches[1].target).toEqual({
      group: 'apps',
      kind: 'Deployment',
      name: 'notification-controller',
    });
    expect(text).toContain(
      '      # More workers\n      # (see the docs on vertical scaling)\n      - target:',
    );
    expect(text).not.toContain('NetworkPolicy\n');
  });

  test('adopting removes the annotation and nothing else', () => {
    const [change] = made.changes[3]!.files;
    const [before, after] = [parse(change!.before ?? ''), parse(change!.after ?? '')] as [Loose, Loose];
    delete before['metadata'].annotations;
    expect(after).toEqual(before);
  });

  test('the new Kustomizations never prune, leave their objects behind, and look like their neighbours', () => {
    for (const [phase, app] of [
      ['operator', 'flux-operator'],
      ['stage', 'flux-instance'],
    ] as const) {
      const text = content(made, phase, `${app}/ks.yaml`);
      expect(parse(text)).toMatchObject({
        metadata: { name: app },
        spec: {
          prune: false,
          deletionPolicy: 'Orphan',
          wait: true,
          interval: '1h',
          retryInterval: '2m',
          targetNamespace: 'flux-system',
          commonMetadata: { labels: { 'app.kubernetes.io/name': app } },
        },
      });
      expect(text).toContain(`name: &app ${app}`);
      expect(text).toContain('kustomization-kustomize-v1.json');
    }
    expect(parse(content(made, 'stage', 'flux-instance/ks.yaml')).spec.dependsOn).toEqual([
      { name: 'flux-operator' },
    ]);
  });

  test('apps are listed where their names belong, and the phases build on each other', () => {
    const [operator, stage] = [1, 2].map((index) =>
      made.changes[index]!.files.find(({ path }) => path === list)!,
    );
    expect(stage!.before).toBe(operator!.after);
    expect((parse(stage!.after ?? '') as { resources: string[] }).resources).toEqual([
      './namespace.yaml',
      './alerts/ks.yaml',
      './flux-instance/ks.yaml',
      './flux-operator/ks.yaml',
      './webhooks/ks.yaml',
    ]);
  });

  test('the HelmRelease of the operator has no remediation', () => {
    const release = parse(content(made, 'operator', 'helmrelease.yaml')) as { spec: Record<string, unknown> };
    expect(release.spec['chartRef']).toEqual({ kind: 'OCIRepository', name: 'flux-operator' });
    expect(JSON.stringify(release)).not.toContain('remediation');
  });

  test('retiring names exactly what disappears, and replaces the bootstrap', () => {
    const retire = made.changes[4]!;
    expect(retire.collects.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'Kustomization/flux',
      'OCIRepository/flux-manifests',
    ]);
    expect(retire.files.map(({ path, action }) => `${action} ${path.replace(`${P}/`, '')}`)).toEqual([
      'add bootstrap/flux/README.md',
      'modify bootstrap/flux/kustomization.yaml',
      'delete flux/config/flux.yaml',
      'modify flux/config/kustomization.yaml',
    ]);
    expect(parse(content(made, 'retire', 'bootstrap/flux/kustomization.yaml'))).toMatchObject({
      resources: ['./github-deploy-key.sops.yaml'],
      helmCharts: [
        {
          name: 'flux-operator',
          repo: 'oci://ghcr.io/controlplaneio-fluxcd/charts',
          version: '0.58.1',
          namespace: 'flux-system',
        },
      ],
    });
    const guide = content(made, 'retire', 'README.md');
    const order = [
      '--enable-helm',
      'sops-age',
      'github-deploy-key.sops.yaml',
      'cluster-secrets.sops.yaml',
      'flux-instance/app',
      'flux/config',
    ].map((word) => guide.indexOf(word));
    expect(order).toEqual(order.toSorted((left, right) => left - right));
    expect(order).not.toContain(-1);
  });

  test('every decision of the checklist has an answer, a reason and, where there is one, a place', () => {
    expect(made.decisions.map(({ id }) => id)).toEqual([
      'sync-path',
      'roots',
      'sops',
      'external-secrets',
      'legacy-owner',
      'version',
      'components',
      'network-policy',
      'patches',
      'instance-form',
      'bootstrap',
      'apps-folder',
    ]);
    for (const decision of made.decisions) expect(decision.answer && decision.reason).toBeTruthy();
    expect(made.decisions.find(({ id }) => id === 'version')?.where).toEqual([{ file: owner, line: 8 }]);
  });

  test('Windows line ends stay in every file that has them and come with every new one', async () => {
    const files = Object.fromEntries(
      Object.entries(fixture('home')).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')]),
    );
    const windows = await plan(files);
    expect(refusals(windows)).toEqual([]);
    for (const change of windows.changes) {
      for (const file of change.files.filter(({ path }) => !path.endsWith('.md')))
        expect((file.after ?? '').replaceAll('\r\n', '')).not.toContain('\n');
    }
    expect(content(windows, 'stage', 'fluxinstance.yaml').replaceAll('\r', '')).toBe(
      content(made, 'stage', 'fluxinstance.yaml'),
    );
  });

  test('as a chart, the same instance comes with keep and without remediation', async () => {
    const chart = await plan(fixture('home'), homeConfig('install: { instanceAs: chart }'));
    const staged = parse(content(chart, 'stage', 'helmrelease.yaml')) as {
      spec: { values: Loose };
    };
    expect(staged.spec.values['commonAnnotations']).toEqual({
      'fluxcd.controlplane.io/reconcile': 'disabled',
      'helm.sh/resource-policy': 'keep',
    });
    expect(staged.spec.values['instance'].distribution.artifact).toBe('');
    expect(parse(content(chart, 'adopt', 'helmrelease.yaml')).spec.values.commonAnnotations).toEqual({
      'helm.sh/resource-policy': 'keep',
    });
    expect(chart.target.instanceHelmRelease).toBe('flux-instance');
    expect(chart.target.charts).toHaveLength(2);
  });
});

describe('a terse repository', async () => {
  const made = await plan(fixture('plain'), plainConfig());

  test('is planned in its own style: no schema, no dash indentation, no ./, the root as the only parent', () => {
    expect(refusals(made)).toEqual([]);
    expect(made.legacy.ownerSource).toMatchObject({
      kind: 'GitRepository',
      url: 'https://github.com/fluxcd/flux2',
    });
    expect(made.target.parentKustomization).toBe('fleet');
    expect(content(made, 'operator', 'app/kustomization.yaml')).toBe(
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ocirepository.yaml\n- helmrelease.yaml\n',
    );
    expect(content(made, 'operator', 'platform/flux-system/kustomization.yaml')).toContain(
      '- monitoring/ks.yaml\n- flux-operator/ks.yaml\n',
    );
  });

  test('retiring removes both files, the emptied list and its mention', () => {
    const retire = made.changes.at(-1)!;
    expect(retire.files.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'delete clusters/prod/flux/install.yaml',
      'delete clusters/prod/flux/kustomization.yaml',
      'delete clusters/prod/flux/upstream.yaml',
      'modify clusters/prod/kustomization.yaml',
    ]);
  });

  test('an owner that shares its file leaves the other documents alone', async () => {
    const files = fixture('plain');
    const [source, install] = ['clusters/prod/flux/upstream.yaml', 'clusters/prod/flux/install.yaml'];
    const together = {
      ...files,
      [install]: `# all\n---\n${files[source]}---\n# kept\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n${files[install]}`,
      [source]: '',
    };
    const retire = (await plan(together, plainConfig())).changes.at(-1)!;
    expect(
      parseAllDocuments(retire.files.find(({ path }) => path === install)?.after ?? '').map(
        (document) => (document.toJS() as { kind: string }).kind,
      ),
    ).toEqual(['ConfigMap']);
  });
});

describe('refusals', () => {
  const home = fixture('home');
  const cases: [name: string, id: string, files: Files, config?: HandoverConfig][] = [
    ['a floating version', 'version-floating', replaced(home, owner, 'tag: v2.7.5', 'tag: latest')],
    ['a version range', 'version-floating', replaced(home, owner, 'tag: v2.7.5', 'semver: 2.x')],
    [
      'a templated version',
      'version-floating',
      replaced(home, owner, 'tag: v2.7.5', 'tag: "${FLUX_VERSION}"'),
    ],
    [
      'an upgrade in the same step',
      'version-differs',
      home,
      homeConfig('install: { distributionVersion: 2.7.6 }'),
    ],
    ['a version before deletionPolicy', 'version-too-old', replaced(home, owner, 'v2.7.5', 'v2.4.0')],
    [
      'another repository',
      'source-url-differs',
      replaced(home, cluster, 'someone/home-ops', 'template/home-ops'),
    ],
    ['another branch', 'branch-differs', replaced(home, cluster, 'branch: "main"', 'branch: "edge"')],
    [
      'a commit instead of a branch',
      'branch-differs',
      replaced(home, cluster, 'branch: "main"', 'commit: abc'),
    ],
    [
      'signed commits without a key',
      'verify-without-signing',
      replaced(
        home,
        cluster,
        '  secretRef:\n    name: github',
        '  verify: { mode: HEAD, secretRef: { name: keys } }\n  secretRef:\n    name: github',
      ),
    ],
    [
      'a suspended root',
      'root-suspended',
      replaced(home, apps, '  prune: true', '  prune: true\n  suspend: true'),
    ],
    [
      'a root that does not prune',
      'root-does-not-prune',
      replaced(home, cluster, 'prune: true', 'prune: false'),
    ],
    [
      'an owner nobody applies',
      'root-not-found',
      replaced(home, `${P}/flux/config/kustomization.yaml`, ', "./flux.yaml"', ''),
    ],
    [
      'images replaced on the owner',
      'owner-fields-not-translatable',
      replaced(home, owner, '  wait: true', '  wait: true\n  images: [{name: a, newName: b}]'),
    ],
    [
      'an owner of part of the manifests',
      'owner-path',
      replaced(home, owner, 'path: ./', 'path: ./some/part'),
    ],
    [
      'an owner that Git does not reach',
      'owner-not-reconciled',
      replaced(
        home,
        owner,
        '  name: flux\n',
        '  name: flux\n  annotations: { kustomize.toolkit.fluxcd.io/reconcile: disabled }\n',
      ),
    ],
    [
      'variables in the patches',
      'owner-templated',
      replaced(home, owner, '--concurrent=8', '--concurrent=${WORKERS}'),
    ],
    [
      'a move that was begun by hand',
      'half-done',
      replaced(home, owner, 'prune: true ', 'suspend: true\n  deletionPolicy: Orphan\n  prune: false '),
    ],
    [
      'a patch without a target',
      'patches-not-translatable',
      replaced(
        home,
        owner,
        'target:\n        kind: Deployment\n        name: (kustomize-controller|helm-controller|source-controller)\n      patch',
        'patch',
      ),
    ],
    [
      'a patch that renames',
      'patches-not-translatable',
      replaced(home, owner, 'path: /spec/template/spec/containers/0/args/-', 'path: /metadata/name'),
    ],
    [
      'no list of apps',
      'list-not-found',
      replaced(
        Object.fromEntries(Object.entries(home).filter(([path]) => path !== list)),
        apps,
        './kubernetes/home/apps',
        './kubernetes/home/apps/default',
      ),
      homeConfig('install: { appsFolder: apps/flux-system }'),
    ],
    [
      'a list that nobody applies',
      'apps-not-applied',
      replaced(home, apps, './kubernetes/home/apps', './kubernetes/home/apps/default'),
    ],
    [
      'a leftover of an earlier attempt',
      'name-taken',
      { ...home, [`${P}/apps/flux-system/flux-instance/app/notes.yaml`]: 'a: 1\n' },
    ],
    [
      'an instance that exists',
      'instance-exists',
      {
        ...home,
        [`${P}/apps/x.yaml`]:
          'apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux}\n',
      },
    ],
    ['a cluster folder that is not there', 'path-not-found', { 'README.md': '' }],
    [
      'another Kustomization that depends on the owner',
      'owner-depended-upon',
      replaced(home, apps, '  prune: true', '  prune: true\n  dependsOn: [{name: flux}]'),
    ],
    [
      'a second reader of the manifests',
      'several-owners',
      {
        ...home,
        [`${P}/flux/other.yaml`]:
          'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: other, namespace: flux-system}\nspec: {path: ./manifests/x, sourceRef: {kind: OCIRepository, name: flux-manifests}}\n',
      },
    ],
    ['a list that renames', 'list-renames', replaced(home, list, 'resources:', 'namePrefix: a-\nresources:')],
    [
      'a parent that overrules deletionPolicy',
      'parent-prunes',
      replaced(
        home,
        apps,
        '  prune: true',
        '  prune: true\n  patches:\n    - target: {kind: Kustomization}\n      patch: "[{op: add, path: /spec/deletionPolicy, value: Delete}]"',
      ),
    ],
    [
      'a root that overrules the orphaning',
      'owner-patched-by-parent',
      replaced(
        home,
        cluster,
        '  wait: false',
        '  wait: false\n  patches:\n    - patch: |\n        apiVersion: kustomize.toolkit.fluxcd.io/v1\n        kind: Kustomization\n        metadata: {name: all}\n        spec: {prune: true}\n      target: {kind: Kustomization, group: kustomize.toolkit.fluxcd.io}',
      ),
    ],
  ];
  test.each(cases)('%s: %s', async (_name, id, files, config) => {
    expect(await refused(files, config)).toContain(id);
  });

  test('every hazard says what, why and how it is mended', async () => {
    for (const [, , files, config] of cases) {
      for (const hazard of (await plan(files, config)).hazards)
        expect(hazard.what && hazard.why && hazard.mend).toBeTruthy();
    }
  });

  test.each([['none', { [`${P}/a.yaml`]: 'a: 1\n' }]])(
    'the shape %s is named and not offered',
    async (shape, files) => {
      const made = await plan(files);
      expect(made.legacy.shape).toBe(shape);
      expect(refusals(made).map(({ id }) => id)).toEqual(['shape-not-offered']);
      expect(made.changes).toEqual([]);
    },
  );
});

describe('patches and components', () => {
  const home = fixture('home');
  test('a patch that matches nothing is dropped and said', async () => {
    const made = await plan(
      replaced(
        home,
        owner,
        'name: (kustomize-controller|helm-controller|source-controller)',
        'name: no-such-controller',
      ),
    );
    expect(made.hazards.map(({ id }) => id)).toContain('patch-matches-nothing');
    expect(content(made, 'stage', 'fluxinstance.yaml')).not.toContain('no-such-controller');
  });

  test('a target by namespace is translated, for the operator sets namespaces later', async () => {
    const made = await plan(
      replaced(
        home,
        owner,
        'name: (kustomize-controller|helm-controller|source-controller)',
        'name: (kustomize-controller|helm-controller|source-controller)\n        namespace: flux-system',
      ),
    );
    expect(parse(content(made, 'stage', 'fluxinstance.yaml')).spec.kustomize.patches[0].target).toEqual({
      kind: 'Deployment',
      name: '(kustomize-controller|helm-controller|source-controller)',
    });
  });

  test('a deleted Deployment leaves its controller out, objects in use bring theirs in', async () => {
    const files = replaced(
      home,
      owner,
      'kind: NetworkPolicy\n        metadata:\n          name: not-used\n      target:\n        group: networking.k8s.io\n        kind: NetworkPolicy',
      'kind: NetworkPolicy\n        metadata:\n          name: not-used\n      target:\n        kind: Deployment\n        name: notification-controller',
    );
    const made = await plan({
      ...files,
      [`${P}/apps/default/i.yaml`]:
        'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata: {name: a}\n',
    });
    expect(made.target.components).toEqual([
      'source-controller',
      'kustomize-controller',
      'helm-controller',
      'image-reflector-controller',
      'image-automation-controller',
    ]);
    expect(made.legacy.networkPolicies).toBe(true);
  });

  test.each([
    [
      'target:\n        kind: Deployment\n        labelSelector: app.kubernetes.io/part-of=flux,control-plane in (controller)',
      [],
    ],
    [
      'target:\n        kind: Deployment\n        labelSelector: app.kubernetes.io/part-of=flux,app.kubernetes.io/instance=x',
      ['patches-not-translatable'],
    ],
    ['target:\n        labelSelector: app.kubernetes.io/part-of=flux', ['patches-not-translatable']],
    ['target:\n        kind: Deployment\n        annotationSelector: a=b', ['patches-not-translatable']],
  ])('a selector is carried only where both builds have the label: %s', async (target, expected) => {
    const files = replaced(
      home,
      owner,
      'target:\n        kind: Deployment\n        name: (kustomize-controller|helm-controller|source-controller)',
      target,
    );
    expect(await refused(files)).toEqual(expected);
  });

  test('handover.yaml has the last word on the components', async () => {
    expect(
      (await plan(home, homeConfig('install: { components: [source-controller, kustomize-controller] }')))
        .target.components,
    ).toEqual(['source-controller', 'kustomize-controller']);
  });
});

describe('the digest', () => {
  const home = fixture('home');
  const config = homeConfig();
  const digest = async (files: Files): Promise<string> => (await plan(files)).digest;

  test('is not moved by other commits, files, lines or mended notes', async () => {
    const moved = replaced(
      replaced(home, apps, '---\n', '---\n# a new comment\n'),
      `${P}/apps/flux-system/alerts/app/alerts.yaml`,
      '    - kind: OCIRepository\n      name: flux-manifests\n',
      '',
    );
    expect(
      await digest({
        ...moved,
        'kubernetes/home/apps/default/new/app.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n',
        'README.md': 'x',
      }),
    ).toBe(await digest(home));
    expect(
      (
        await makeClusterPlan({
          tree: { ...treeOf(home), commit: 'f'.repeat(40) },
          config,
          cluster: config.clusters[0]!,
          build: realBuild,
        })
      ).digest,
    ).toBe(await digest(home));
  });

  test('is moved by a touched file, a root, and a new refusal', async () => {
    expect(await digest(replaced(home, owner, '# More workers', '# Even more workers'))).not.toBe(
      await digest(home),
    );
    expect(
      await digest(replaced(home, apps, 'path: ./kubernetes/home/apps', 'path: ./kubernetes/home//apps/.')),
    ).toBe(await digest(home));
    expect(await digest(replaced(home, apps, 'name: sops-age', 'name: sops-other'))).not.toBe(
      await digest(home),
    );
  });

  test('does not depend on the order in which files are listed', async () => {
    const reversed = Object.fromEntries(Object.entries(home).toReversed());
    const tree = overlayTree(treeOf(reversed), {});
    const made = await makeClusterPlan({ tree, config, cluster: config.clusters[0]!, build: realBuild });
    expect(made.digest).toBe(await digest(home));
  });
});
