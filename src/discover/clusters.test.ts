/** Clusters are told apart by folder, by branch, or both; each at the branch it follows, named and put in order. */
import { describe, expect, test } from 'vitest';
import { memoryTree, type Tree } from '../repo/tree.ts';
import { findClusters, type Discovery } from './clusters.ts';
import { importance, inOrder, nameClusters } from './order.ts';

const url = 'https://github.com/someone/fleet.git';

function source(branch: string | null, name = 'flux-system', from = url): string {
  const ref = branch === null ? '' : `  ref: { branch: ${branch} }\n`;
  return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: { name: ${name}, namespace: flux-system }\nspec:\n  url: ${from}\n${ref}`;
}

function kustomization(name: string, path: string, from = 'flux-system'): string {
  return `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: ${name}, namespace: flux-system }\nspec:\n  path: ${path}\n  prune: true\n  sourceRef: { kind: GitRepository, name: ${from} }\n`;
}

const components =
  '# Flux Version: v2.9.2\n# Components: source-controller,kustomize-controller\napiVersion: v1\nkind: Namespace\nmetadata: { name: flux-system }\n';

/** A cluster as `flux bootstrap` leaves it. */
function bootstrapped(folder: string, branch = 'main'): Record<string, string> {
  return {
    [`${folder}/flux-system/gotk-components.yaml`]: components,
    [`${folder}/flux-system/gotk-sync.yaml`]: source(branch) + kustomization('flux-system', `./${folder}`),
  };
}

function discover(branches: Record<string, Record<string, string>>, all = Object.keys(branches)): Discovery {
  const trees = new Map<string, Tree>(
    Object.entries(branches).map(([branch, files]) => [branch, memoryTree(files)]),
  );
  return findClusters({ trees, branches: all, urls: [url], repository: 'fleet' });
}

const found = (discovery: Discovery): string[] =>
  discovery.clusters.map(({ name, branch, path }) => `${name} ${branch} ${path}`);

describe('by folder', () => {
  test('two clusters on one branch, with bases and apps that they share', () => {
    const discovery = discover({
      main: {
        ...bootstrapped('clusters/production'),
        'clusters/production/apps.yaml': kustomization('apps', './apps/production'),
        ...bootstrapped('clusters/staging'),
        'clusters/staging/apps.yaml': kustomization('apps', './apps/staging'),
        'apps/base/kustomization.yaml': 'resources: []\n',
        'apps/production/kustomization.yaml': 'resources: [../base]\n',
        'apps/staging/kustomization.yaml': 'resources: [../base]\n',
        'apps/base/ks.yaml': kustomization('shared', './apps/base'),
      },
    });
    expect(found(discovery)).toEqual([
      'staging main clusters/staging',
      'production main clusters/production',
    ]);
    expect(discovery.outside).toEqual([]);
  });

  test('a home lab: root, apps and bootstrap side by side are one cluster', () => {
    const discovery = discover({
      main: {
        'kubernetes/flux/config/cluster.yaml':
          source('main', 'home-ops') + kustomization('cluster', './kubernetes/flux', 'home-ops'),
        'kubernetes/flux/apps.yaml': kustomization('cluster-apps', './kubernetes/apps', 'home-ops'),
        'kubernetes/apps/default/echo/ks.yaml': kustomization(
          'echo',
          './kubernetes/apps/default/echo/app',
          'home-ops',
        ),
        'kubernetes/apps/default/echo/app/a.yaml': 'kind: ConfigMap\n',
        'kubernetes/bootstrap/flux/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: ["github.com/fluxcd/flux2/manifests/install?ref=v2.9.2"]\n',
      },
    });
    expect(found(discovery)).toEqual(['fleet main kubernetes']);
    expect(discovery.clusters[0]?.installs.map(({ what }) => what)).toEqual([
      'kustomization of fluxcd/flux2',
    ]);
  });

  test('one whose root is the whole repository', () => {
    expect(
      found(
        discover({
          main: { 'flux-system/gotk-sync.yaml': source('main') + kustomization('flux-system', './') },
        }),
      ),
    ).toEqual(['fleet main .']);
  });

  test("a source of somebody else's repository makes no cluster", () => {
    const discovery = discover({
      main: {
        ...bootstrapped('clusters/home'),
        'clusters/home/podinfo.yaml':
          source('main', 'podinfo', 'https://github.com/stefanprodan/podinfo') +
          kustomization('podinfo', './', 'podinfo'),
      },
    });
    expect(found(discovery)).toEqual(['home main clusters/home']);
  });

  test('a copy of the source in a bootstrap folder does not make two of it', () => {
    const discovery = discover({
      main: {
        'kubernetes/main/flux/config/cluster.yaml':
          source('main') + kustomization('cluster', './kubernetes/main/flux'),
        'kubernetes/main/flux/apps.yaml': kustomization('apps', './kubernetes/main/apps'),
        'kubernetes/main/apps/x/ks.yaml': kustomization('x', './kubernetes/main/apps/x'),
        'kubernetes/main/bootstrap/source.yaml': source('main'),
      },
    });
    expect(found(discovery)).toEqual(['main main kubernetes/main']);
    expect(discovery.clusters[0]?.size).toBe(3);
  });

  test('an install whose source is not in Git is found by itself', () => {
    expect(
      found(discover({ main: { 'clusters/edge/flux-system/gotk-components.yaml': components } })),
    ).toEqual(['edge main clusters/edge']);
  });
});

describe('by branch', () => {
  test('a branch for each cluster, folders of their own', () => {
    const discovery = discover({
      main: bootstrapped('kubernetes/main', 'main'),
      edge: bootstrapped('kubernetes/edge', 'edge'),
    });
    expect(found(discovery)).toEqual(['edge edge kubernetes/edge', 'main main kubernetes/main']);
  });

  test('the same folder on two branches: the branch is the name', () => {
    const discovery = discover({
      production: bootstrapped('cluster', 'production'),
      staging: bootstrapped('cluster', 'staging'),
    });
    expect(found(discovery)).toEqual(['staging staging cluster', 'production production cluster']);
  });

  test('both: each branch holds every folder, and a cluster is taken at the branch it follows', () => {
    const both = { ...bootstrapped('clusters/a', 'stable'), ...bootstrapped('clusters/b', 'main') };
    const discovery = discover({ main: both, stable: both, 'renovate/x': both });
    expect(found(discovery)).toEqual(['a stable clusters/a', 'b main clusters/b']);
    expect(discovery.leftOut).toEqual([]);
  });

  test('what follows a branch that lacks the folder is left out and said; a branch that is gone is for the plan to refuse', () => {
    const files = { ...bootstrapped('clusters/a', 'other'), ...bootstrapped('clusters/b', 'gone') };
    const discovery = discover({ main: files, other: { 'README.md': '' } });
    expect(found(discovery)).toEqual(['b main clusters/b']);
    expect(discovery.leftOut.map(({ path, why }) => [path, /branch \w+/.exec(why)?.[0]])).toEqual([
      ['clusters/a', 'branch other'],
    ]);
  });

  test('a source without a branch follows master', () => {
    const files = { 'c/flux-system/gotk-sync.yaml': source(null) + kustomization('flux-system', './c') };
    expect(found(discover({ main: {}, master: files }))).toEqual(['c master c']);
  });
});

test('gotk files that were never written are said, and make no cluster', () => {
  const files = { 'clusters/prod/flux-system/gotk-sync.yaml': '# written by flux bootstrap\n' };
  const discovery = discover({ main: files });
  expect(discovery.clusters).toEqual([]);
  expect(discovery.leftOut).toMatchObject([{ path: 'clusters/prod', branch: 'main' }]);
  expect(discovery.leftOut[0]?.why).toContain('comments alone');
});

test('nothing of Flux gives nothing', () => {
  expect(discover({ main: { 'deploy/a.yaml': 'kind: Deployment\n' } })).toEqual({
    clusters: [],
    leftOut: [],
    outside: [],
  });
});

describe('order', () => {
  test.each([
    ['edge', 'kubernetes/edge', 'edge', 0],
    ['test-2', 'c', 'main', 0],
    ['non-prod', 'c', 'main', 0],
    ['staging', 'clusters/staging', 'main', 1],
    ['pre-prod', 'c', 'main', 1],
    ['home', 'clusters/home', 'main', 2],
    ['home', 'clusters/home', 'production', 3],
    ['prod-eu', 'c', 'main', 3],
    ['main', 'kubernetes/main', 'main', 3],
  ])('%s in %s on %s', (name, path, branch, rank) => {
    expect(importance(name, path, branch)).toBe(rank);
  });

  test('edge before staging before the unknown, smaller before larger, production last', () => {
    const cluster = (name: string, size = 1) => ({ name, path: name, branch: 'main', size });
    const order = inOrder([
      cluster('production'),
      cluster('berlin', 9),
      cluster('staging'),
      cluster('oslo', 3),
      cluster('edge'),
    ]);
    expect(order.map(({ name }) => name)).toEqual(['edge', 'staging', 'oslo', 'berlin', 'production']);
  });

  test('names are unique, and valid whatever the folders are called', () => {
    const names = nameClusters(
      [
        { core: 'eu/prod', branch: 'main' },
        { core: 'us/prod', branch: 'main' },
        { core: 'Clusters/Über_Lab', branch: 'main' },
        { core: '', branch: 'main' },
      ],
      'fleet',
    );
    expect(names).toEqual(['eu-prod', 'us-prod', 'ber-lab', 'fleet']);
  });
});
