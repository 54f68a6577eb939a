/** What can not be read is refused where it matters, by file and line, and left alone elsewhere. */
import { expect, test } from 'vitest';
import { memoryTree, type Oddity } from '../repo/tree.ts';
import { fixture, homeConfig, homeFolder as P, realBuild, type Files } from './fixtures/index.ts';
import { makeClusterPlan } from './make-plan.ts';
import type { Hazard } from './types.ts';

const list = `${P}/apps/flux-system/kustomization.yaml`;
const source = `${P}/flux/config/cluster.yaml`;

async function readingHazards(
  change: (files: Files) => void,
  oddities: Record<string, Oddity> = {},
): Promise<Hazard[]> {
  const files = fixture('home');
  change(files);
  const config = homeConfig();
  const tree = memoryTree(files, undefined, oddities);
  const { hazards } = await makeClusterPlan({ tree, config, cluster: config.clusters[0]!, build: realBuild });
  return hazards.filter(({ id }) => ['yaml-broken', 'not-in-artifact', 'boolean-as-text'].includes(id));
}

test('a file that a root applies and that is no YAML', async () => {
  const hazards = await readingHazards((files) => {
    files[`${P}/flux/vars/broken.yaml`] = 'kind: ConfigMap\ndata:\n\ta: b\n';
  });
  expect(hazards).toMatchObject([
    { id: 'yaml-broken', severity: 'refuse', where: { file: `${P}/flux/vars/broken.yaml`, line: 3 } },
  ]);
});

test("one of Flux's objects in the cluster's folder, wherever it lies; a template is called one", async () => {
  const hazards = await readingHazards((files) => {
    files[`${P}/extra/ks.yaml`] =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\n{% if edge %}\nkind: Kustomization\n{% endif %}\n';
  });
  expect(hazards).toMatchObject([{ where: { file: `${P}/extra/ks.yaml`, line: 2 } }]);
  expect(hazards[0]?.what).toContain('template');
});

test('a chart template or a broken file that nothing of Flux reaches is left alone', async () => {
  expect(
    await readingHazards((files) => {
      files[`${P}/charts/x/templates/a.yaml`] = '{{- if .Values.x }}\na: b\n{{ end }}\n';
      files[`${P}/apps/flux-system/alerts/app/broken.yaml`] = 'a: b: c\n\t';
    }),
  ).toEqual([]);
});

test('a list entry that is a link, lies in a submodule, or is ignored', async () => {
  const change = (files: Files): void => {
    files[list] = (files[list] ?? '').replace(/(\s*)- \.\/alerts\/ks\.yaml/, '$&$1- ./linked$1- ./module/x');
  };
  const hazards = await readingHazards(change, {
    [`${P}/apps/flux-system/linked`]: 'symlink',
    [`${P}/apps/flux-system/module`]: 'submodule',
  });
  expect(hazards.map(({ id, what }) => [id, /symbolic|submodule/.exec(what)?.[0]])).toEqual([
    ['not-in-artifact', 'symbolic'],
    ['not-in-artifact', 'submodule'],
  ]);
  const ignored = await readingHazards((files) => {
    files['.sourceignore'] = 'alerts/\n';
  });
  expect(ignored.map(({ what }) => what)).toEqual([
    `${list} lists ./alerts/ks.yaml, which is ignored by .sourceignore, spec.ignore or their defaults`,
  ]);
});

test('prune: yes is text', async () => {
  const hazards = await readingHazards((files) => {
    files[source] = (files[source] ?? '').replace('prune: true', 'prune: yes');
  });
  expect(hazards).toMatchObject([{ id: 'boolean-as-text', where: { file: source } }]);
  expect(hazards[0]?.mend).toContain('prune: true');
});

test('what the plan would commit and the source leaves out is named with the pattern', async () => {
  const hazards = await readingHazards((files) => {
    files['.sourceignore'] = '# apps of machines\nflux-operator/\n';
  });
  expect(hazards).toMatchObject([{ id: 'not-in-artifact', where: { file: '.sourceignore', line: 2 } }]);
  expect(hazards[0]?.what).toContain('flux-operator/');
});
