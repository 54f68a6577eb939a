/**
 * A real API server takes every object that a plan of the corpus adds, strictly, with the definitions of exactly the Flux
 * version that the cluster runs and of the operator that the plan pins. Nothing is written: it is a server-side dry run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ensureToolchain, type Toolchain } from '../../lab/toolchain/index.ts';
import { caseNames, loadCase } from '../corpus/case.ts';
import { objectsIn } from '../corpus/end-tree.ts';
import { planCase } from '../corpus/plan-case.ts';
import { startApiServer, type ApiServer } from './api-server.ts';

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

const clusters = caseNames.flatMap((name) => {
  const { expected, todo } = loadCase(name);
  if (todo.plan !== undefined) return [];
  return Object.entries(expected).flatMap(([cluster, { phases, legacy }]) =>
    Object.keys(phases ?? {}).length > 0 ? [{ name, cluster, version: legacy.version ?? '' }] : [],
  );
});
const versions = [...new Set(clusters.map(({ version }) => version))].sort();

let toolchain: Toolchain;

beforeAll(async () => {
  toolchain = await ensureToolchain();
}, 1_800_000);

describe.each(versions)('Flux %s', (version) => {
  let server: ApiServer;

  // Each version has a server of its own: one that deletes definitions takes up to minutes to serve others under the same names.
  beforeAll(async () => {
    server = await startApiServer(toolchain.bin);
    await server.kubectl(['create', 'namespace', 'flux-system']);
    await define(server, join(toolchain.operatorConfig, 'crd/bases'));
    await define(server, join(toolchain.operatorConfig, 'data/flux', `v${version}`));
  }, 300_000);

  afterAll(async () => server?.stop(), 60_000);

  test.each(clusters.filter((known) => known.version === version))(
    '$name: every new object of $cluster is taken',
    async ({ name, cluster }) => {
      const plan = (await planCase(name)).plans.get(cluster)!;
      const added = plan.changes.flatMap(({ phase, files }) =>
        files
          .filter(({ path, before, after }) => before === null && after !== null && /\.ya?ml$/.test(path))
          .flatMap(({ path, after }) => objectsOf(after ?? '').map((object) => ({ phase, path, object }))),
      );
      expect(added.map(({ object }) => object.kind)).toEqual(
        expect.arrayContaining(['Kustomization', 'OCIRepository', 'HelmRelease']),
      );
      const answer = await server.kubectl(
        ['apply', '--dry-run=server', '--validate=strict', '--filename=-'],
        added.map(({ object }) => stringify(object)).join('---\n'),
      );
      expect(answer.trim().split('\n')).toHaveLength(added.length);
    },
  );

  test('a field that a definition does not know is refused', async () => {
    const wrong = {
      apiVersion: 'fluxcd.controlplane.io/v1',
      kind: 'FluxInstance',
      metadata: { name: 'flux', namespace: 'flux-system' },
      spec: { distribution: { version: '2.x', registry: 'ghcr.io/fluxcd' }, netwrokPolicy: false },
    };
    await expect(
      server.kubectl(['apply', '--dry-run=server', '--validate=strict', '--filename=-'], stringify(wrong)),
    ).rejects.toThrow('netwrokPolicy');
  });
});

/** What kustomize reads itself never reaches a server. */
function objectsOf(text: string): KubernetesObject[] {
  return (objectsIn(text) as KubernetesObject[]).filter(
    ({ apiVersion }) => !apiVersion.startsWith('kustomize.config.k8s.io/'),
  );
}

/** Applies the custom resource definitions of a folder, and waits until they are served. */
async function define(server: ApiServer, folder: string): Promise<void> {
  const definitions = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => objectsOf(readFileSync(join(folder, file), 'utf8')))
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
  await server.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--filename=-'],
    definitions.map((definition) => stringify(definition)).join('---\n'),
  );
  const names = definitions.map(({ metadata }) => `crd/${metadata.name}`);
  await server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names]);
}
