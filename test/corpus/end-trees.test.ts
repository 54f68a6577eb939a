/** After the last commit of each plan that is not refused, everything that Flux would apply still builds, with the real programs. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { caseNames, loadCase } from './case.ts';
import {
  inputOf,
  kustomizationsIn,
  objectsIn,
  writeEndTree,
  type EndTree,
  type OwnKustomization,
} from './end-tree.ts';
import { planCase } from './plan-case.ts';

const planned = caseNames.flatMap((name) => {
  const { expected, todo } = loadCase(name);
  if (todo.plan !== undefined) return [];
  return Object.entries(expected).flatMap(([cluster, { phases }]) =>
    Object.keys(phases ?? {}).length > 0 ? [[name, cluster] as const] : [],
  );
});

describe.each(planned)('%s: %s', (name, cluster) => {
  test('every Kustomization builds, and brings what is new', { timeout: 120_000 }, async () => {
    const { case: loaded, plans } = await planCase(name);
    const plan = plans.get(cluster)!;
    const tree = writeEndTree(plan, loaded.branches.get(plan.branch)!);
    const kustomizations = kustomizationsIn(tree, plan);
    expect(kustomizations.map((kustomization) => kustomization.name)).toEqual(
      expect.arrayContaining([plan.target.operatorKustomization, plan.target.instanceKustomization]),
    );
    const built: string[] = [];
    for (const kustomization of kustomizations) {
      const key = inputOf(tree, kustomization.folder) + JSON.stringify(kustomization.object);
      const objects = known.get(key) ?? (objectsIn(await build(tree, kustomization)) as Built[]);
      known.set(key, objects);
      built.push(...objects.map((object) => `${object.kind} ${object.metadata.name}`));
    }
    rmSync(tree.directory, { recursive: true });
    for (const object of [
      `Kustomization ${plan.target.operatorKustomization}`,
      `Kustomization ${plan.target.instanceKustomization}`,
      `HelmRelease ${plan.target.operatorHelmRelease}`,
      plan.target.instanceHelmRelease
        ? `HelmRelease ${plan.target.instanceHelmRelease}`
        : 'FluxInstance flux',
    ])
      expect(
        built.filter((other) => other === object),
        `${object} is applied once`,
      ).toHaveLength(1);
  });
});

/** Most folders are the same in many cases. */
const known = new Map<string, Built[]>();

interface Built {
  kind: string;
  metadata: { name: string };
}

/** Where the folder has no kustomization file, Flux generates one, and only Flux's own program knows how. */
async function build({ directory }: EndTree, { name, folder, object }: OwnKustomization): Promise<string> {
  const place = join(directory, folder);
  const definition = join(directory, 'definition.json');
  writeFileSync(definition, JSON.stringify(object));
  const { stdout, stderr, failed } = existsSync(join(place, 'kustomization.yaml'))
    ? await execa('kubectl', ['kustomize', '--load-restrictor=LoadRestrictionsNone', place], {
        reject: false,
      })
    : await execa(
        'flux',
        ['build', 'kustomization', name, '--dry-run', '--path', place, '--kustomization-file', definition],
        { reject: false },
      );
  expect(failed, `${name} (${folder}): ${stderr}`).toBe(false);
  return stdout;
}
