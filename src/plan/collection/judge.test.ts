/** Naive commits, each of which would delete something: simulated with the real kustomize, they are caught with file and line. */
import { describe, expect, test } from 'vitest';
import { overlayTree, type Tree } from '../../repo/tree.ts';
import { fileChange } from '../file-change.ts';
import {
  fixture,
  homeConfig,
  homeFolder as P,
  realBuild,
  replaced,
  treeOf,
  type Files,
} from '../fixtures/index.ts';
import { readScene } from '../scene.ts';
import type { Change, Hazard, ObjectReference } from '../types.ts';
import { judgeCommits, type Judgement } from './judge.ts';

const home = fixture('home');
const owner = `${P}/flux/config/flux.yaml`;
const config = homeConfig();

/** Contents after each commit; null removes. */
type Edits = Record<string, string | null>;

function judge(files: Files, commits: Edits[], collects: ObjectReference[] = []): Promise<Judgement> {
  const scene = readScene(treeOf(files), config, config.clusters[0]!);
  let tree: Tree = scene.tree;
  const changes = commits.map((edits): Pick<Change, 'phase' | 'files' | 'collects'> => {
    const changed = Object.entries(edits).flatMap(([path, after]) => fileChange(tree, path, after) ?? []);
    tree = overlayTree(tree, edits);
    return { phase: 'retire', files: changed, collects };
  });
  const fluxSources = [{ kind: 'OCIRepository', name: 'flux-manifests', namespace: 'flux-system' }];
  return judgeCommits({ scene, fluxSources, fluxVersion: '2.7.5', build: realBuild }, changes);
}

function refusals({ hazards }: Judgement): Hazard[] {
  return hazards.filter(({ severity }) => severity === 'refuse');
}

function collected({ effects }: Judgement): string[] {
  return effects
    .flat()
    .flatMap(({ collects }) => collects.map(({ kind, name }) => `${kind}/${name}`))
    .toSorted();
}

/** The list without an entry. */
function without(files: Files, path: string, entry: string): string {
  return replaced(files, path, entry, '')[path] ?? '';
}

const object = (kind: string, name: string, extra = ''): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: default\n${extra}`;

function app(name: string, spec = '  prune: true\n'): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  interval: 1h
  path: ./${P}/apps/default/${name}/app
${spec}  sourceRef: { kind: GitRepository, name: home-kubernetes }
`;
}

/** An app with a claim, applied by a Kustomization of its own. */
function withApp(files: Files, spec?: string, claim = object('PersistentVolumeClaim', 'data')): Files {
  return {
    ...files,
    [`${P}/apps/default/kustomization.yaml`]: 'resources: [./photos/ks.yaml]\n',
    [`${P}/apps/default/photos/ks.yaml`]: app('photos', spec),
    [`${P}/apps/default/photos/app/kustomization.yaml`]: 'resources: [./all.yaml]\n',
    [`${P}/apps/default/photos/app/all.yaml`]: `${object('ConfigMap', 'settings')}---\n${claim}`,
  };
}

const list = `${P}/flux/config/kustomization.yaml`;

describe('the owner of Flux', () => {
  test('removed while it prunes takes all of Flux along', async () => {
    const judged = await judge(home, [{ [owner]: null, [list]: without(home, list, ', "./flux.yaml"') }]);
    const [hazard, ...more] = refusals(judged).toSorted(
      (left, right) => left.what.length - right.what.length,
    );
    expect(collected(judged)).toEqual(
      expect.arrayContaining([
        'Kustomization/flux',
        'OCIRepository/flux-manifests',
        'Namespace/flux-system',
        'Deployment/kustomize-controller',
        'CustomResourceDefinition/kustomizations.kustomize.toolkit.fluxcd.io',
        'CustomResourceDefinition/helmreleases.helm.toolkit.fluxcd.io',
      ]),
    );
    expect([hazard, ...more].map((each) => each?.id)).toEqual(['collects-unplanned', 'collects-unplanned']);
    expect(hazard?.where).toEqual({ file: owner, line: 14 });
  });

  test('orphaned and suspended first, it goes alone', async () => {
    const orphaned = replaced(
      home,
      owner,
      'prune: true',
      'deletionPolicy: Orphan\n  suspend: true\n  prune: false',
    );
    const gone = { [owner]: null, [list]: without(home, list, ', "./flux.yaml"') };
    const planned = ['Kustomization', 'OCIRepository'].map((kind) => ({
      apiVersion: kind === 'Kustomization' ? 'kustomize.toolkit.fluxcd.io/v1' : 'source.toolkit.fluxcd.io/v1',
      kind,
      namespace: 'flux-system',
      name: kind === 'Kustomization' ? 'flux' : 'flux-manifests',
    }));
    const judged = await judge(home, [{ [owner]: orphaned[owner] ?? '' }, gone], planned);
    expect(collected(judged)).toEqual(['Kustomization/flux', 'OCIRepository/flux-manifests']);
    expect(refusals(judged)).toEqual([]);
  });

  test('orphaned in the file, but not on the cluster, since a parent patches prune back', async () => {
    const patched = replaced(
      home,
      `${P}/flux/config/cluster.yaml`,
      '  wait: false',
      '  wait: false\n  patches:\n    - target: {kind: Kustomization, name: flux}\n      patch: |\n        - {op: replace, path: /spec/prune, value: true}\n        - {op: replace, path: /spec/suspend, value: false}\n        - {op: replace, path: /spec/deletionPolicy, value: Delete}\n',
    );
    const orphaned = replaced(
      patched,
      owner,
      'prune: true',
      'deletionPolicy: Orphan\n  suspend: true\n  prune: false',
    );
    const gone = { [owner]: null, [list]: without(home, list, ', "./flux.yaml"') };
    const judged = await judge(patched, [{ [owner]: orphaned[owner] ?? '' }, gone]);
    expect(collected(judged)).toContain('Deployment/source-controller');
  });
});

describe('an app', () => {
  const files = withApp(home);
  const ks = `${P}/apps/default/photos/ks.yaml`;

  test('whose Kustomization leaves Git loses its volume', async () => {
    const judged = await judge(files, [
      { [ks]: null, [`${P}/apps/default/kustomization.yaml`]: 'resources: []\n' },
    ]);
    expect(collected(judged)).toEqual([
      'ConfigMap/settings',
      'Kustomization/photos',
      'PersistentVolumeClaim/data',
    ]);
    const cascade = refusals(judged).find(({ what }) => what.includes('PersistentVolumeClaim'));
    expect(cascade).toMatchObject({
      id: 'collects-unplanned',
      where: { file: `${P}/apps/default/photos/app/all.yaml`, line: 1 },
      mend: expect.stringContaining('deletionPolicy: Orphan on photos'),
    });
  });

  test.each([
    ['orphans', withApp(home, '  prune: true\n  deletionPolicy: Orphan\n')],
    ['is suspended', withApp(home, '  prune: true\n  suspend: true\n')],
    ['does not prune', withApp(home, '  prune: false\n')],
  ])('whose Kustomization %s leaves its objects behind', async (_how, kept) => {
    const judged = await judge(kept, [
      { [ks]: null, [`${P}/apps/default/kustomization.yaml`]: 'resources: []\n' },
    ]);
    expect(collected(judged)).toEqual(['Kustomization/photos']);
  });

  test('keeps a protected volume, whether its file or commonMetadata says so', async () => {
    const edits = { [`${P}/apps/default/photos/app/all.yaml`]: object('ConfigMap', 'settings') };
    const marked = object('PersistentVolumeClaim', 'data').replace(
      'namespace',
      'annotations: { kustomize.toolkit.fluxcd.io/prune: disabled }\n  namespace',
    );
    expect(collected(await judge(withApp(home, undefined, marked), [edits]))).toEqual([]);
    const everywhere =
      '  prune: true\n  commonMetadata: { labels: { kustomize.toolkit.fluxcd.io/prune: Disabled } }\n';
    expect(collected(await judge(withApp(home, everywhere), [edits]))).toEqual([]);
    expect(collected(await judge(files, [edits]))).toEqual(['PersistentVolumeClaim/data']);
  });

  test('is emptied by a path with a typing error, and by another path', async () => {
    const wrong = replaced(files, ks, '/photos/app', '/photo/app');
    const judged = await judge(files, [{ [ks]: wrong[ks] ?? '' }]);
    // An empty folder is built to nothing, as Flux does it.
    expect(collected(judged)).toEqual(['ConfigMap/settings', 'PersistentVolumeClaim/data']);
    const other = replaced(files, ks, `${P}/apps/default/photos/app`, `${P}/apps/flux-system/alerts/app`);
    expect(collected(await judge(files, [{ [ks]: other[ks] ?? '' }]))).toEqual([
      'ConfigMap/settings',
      'PersistentVolumeClaim/data',
    ]);
  });

  test('that moves to another Kustomization is deleted by the first one', async () => {
    const all = `${P}/apps/default/photos/app/all.yaml`;
    const judged = await judge(files, [
      {
        [all]: object('ConfigMap', 'settings'),
        [`${P}/apps/flux-system/alerts/app/claim.yaml`]: object('PersistentVolumeClaim', 'data'),
        [`${P}/apps/flux-system/alerts/app/kustomization.yaml`]: 'resources: [./alerts.yaml, ./claim.yaml]\n',
      },
    ]);
    expect(refusals(judged).map(({ id, what }) => [id, what])).toContainEqual([
      'collects-unplanned',
      expect.stringContaining('photos delete PersistentVolumeClaim default/data'),
    ]);
  });

  test('with names from variables is told apart by their literal values', async () => {
    const named = withApp(
      home,
      '  prune: true\n  postBuild: { substitute: { APP: photos } }\n',
      object('PersistentVolumeClaim', '${APP}-${SIZE:-big}'),
    );
    const judged = await judge(named, [
      { [`${P}/apps/default/photos/app/all.yaml`]: object('ConfigMap', 'settings') },
    ]);
    expect(collected(judged)).toEqual(['PersistentVolumeClaim/photos-big']);
  });
});

describe('a folder without kustomization.yaml', () => {
  test('takes a new app directly, beside the Kustomization of its own', async () => {
    const judged = await judge(home, [
      {
        [`${P}/apps/default/photos/ks.yaml`]: app('photos'),
        [`${P}/apps/default/photos/app/all.yaml`]: object('ConfigMap', 'settings'),
      },
    ]);
    expect(refusals(judged)).toMatchObject([
      {
        id: 'gains-unplanned',
        where: { file: `${P}/apps/default/photos/app/all.yaml`, line: 1 },
        what: expect.stringMatching(/cluster-apps.*photos|photos.*cluster-apps/),
      },
    ]);
  });

  test('that gets one no longer applies what it leaves out', async () => {
    const judged = await judge(withApp(home), [
      { [`${P}/apps/kustomization.yaml`]: 'resources: [./flux-system]\n' },
    ]);
    expect(collected(judged)).toContain('PersistentVolumeClaim/data');
  });

  test('that loses one applies everything below it', async () => {
    const files = {
      ...withApp(home),
      [`${P}/apps/default/photos/secret.yaml`]: object('Secret', 'forgotten'),
    };
    const judged = await judge(files, [{ [`${P}/apps/default/kustomization.yaml`]: null }]);
    expect(refusals(judged)).toMatchObject([
      { id: 'gains-unplanned', what: expect.stringContaining('Secret default/forgotten') },
    ]);
  });
});

describe('a FluxInstance', () => {
  const instance = (mark: string): string =>
    `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: { name: flux, namespace: flux-system${mark} }\nspec: { distribution: { version: 2.9.2, registry: ghcr.io/fluxcd } }\n`;
  const file = `${P}/apps/flux-system/alerts/app/instance.yaml`;
  const resources = `${P}/apps/flux-system/alerts/app/kustomization.yaml`;
  const gone = { [file]: null, [resources]: home[resources] ?? '' };
  const added = (text: string): Files => ({
    ...home,
    [file]: text,
    [resources]: 'resources: [./alerts.yaml, ./instance.yaml]\n',
  });

  test('that leaves a Kustomization which prunes uninstalls Flux', async () => {
    const judged = await judge(added(instance('')), [gone]);
    expect(collected(judged)).toEqual(
      expect.arrayContaining(['FluxInstance/flux', 'Deployment/helm-controller']),
    );
  });

  test('that is disabled only goes itself', async () => {
    const disabled = instance(', annotations: { fluxcd.controlplane.io/reconcile: disabled }');
    expect(collected(await judge(added(disabled), [gone]))).toEqual(['FluxInstance/flux']);
  });
});

describe('what is not known', () => {
  test('a build that breaks is refused with its place', async () => {
    const path = `${P}/apps/flux-system/kustomization.yaml`;
    const broken = replaced(home, path, './namespace.yaml', './namespaces.yaml');
    const judged = await judge(home, [{ [path]: broken[path] ?? '' }]);
    expect(refusals(judged)).toMatchObject([
      {
        id: 'build-fails',
        what: expect.stringMatching(/kustomization\.yaml:\d+ names \.\/namespaces\.yaml/),
      },
    ]);
  });

  test('a Kustomization whose folder is taken away is refused, unless it goes, too', async () => {
    const files = withApp(home, '  prune: true\n', '');
    const folder = {
      [`${P}/apps/default/photos/app/kustomization.yaml`]: null,
      [`${P}/apps/default/photos/app/all.yaml`]: null,
    };
    expect(refusals(await judge(files, [folder]))).toContainEqual(
      expect.objectContaining({
        id: 'build-fails',
        where: { file: `${P}/apps/default/photos/ks.yaml`, line: 1 },
        what: expect.stringContaining(`its path ./${P}/apps/default/photos/app is not there any more`),
      }),
    );
    const both = await judge(files, [
      {
        ...folder,
        [`${P}/apps/default/kustomization.yaml`]: 'resources: []\n',
        [`${P}/apps/default/photos/ks.yaml`]: null,
      },
    ]);
    expect(both.hazards.filter(({ id }) => id === 'build-fails')).toEqual([]);
  });

  test('a remote base that leaves is named, and refused where it is Flux', async () => {
    const path = `${P}/apps/flux-system/kustomization.yaml`;
    const remote = (url: string): Files => replaced(home, path, 'resources:\n', `resources:\n  - ${url}\n`);
    const some = await judge(remote('https://example.com/all.yaml'), [{ [path]: home[path] ?? '' }]);
    expect(some.hazards).toMatchObject([
      {
        id: 'build-unknown',
        severity: 'warn',
        what: expect.stringContaining('https://example.com/all.yaml'),
      },
      { id: 'stateful-in-inventory' },
    ]);
    const flux = await judge(remote('github.com/fluxcd/flux2/manifests/install?ref=v2.9.2'), [
      { [path]: home[path] ?? '' },
    ]);
    expect(refusals(flux).map(({ id }) => id)).toEqual(['build-unknown']);
  });

  test('volumes and the like beside what changes are named, with what protects them', async () => {
    const files = withApp(home);
    const judged = await judge(files, [
      {
        [`${P}/apps/default/photos/app/all.yaml`]: `${files[`${P}/apps/default/photos/app/all.yaml`]}data: {}\n`,
      },
    ]);
    expect(judged.hazards).toMatchObject([
      {
        id: 'stateful-in-inventory',
        severity: 'note',
        what: expect.stringContaining('PersistentVolumeClaim default/data (not protected)'),
      },
    ]);
  });
});

test('a file that Flux never gets to see changes nothing', async () => {
  const judged = await judge({ ...withApp(home), '.sourceignore': `${P}/apps/default/photos/app/more/\n` }, [
    { [`${P}/apps/default/photos/app/more/x.yaml`]: object('ConfigMap', 'x') },
  ]);
  expect(judged.effects).toEqual([[]]);
});
