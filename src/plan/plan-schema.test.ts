/** The plan document and its schema: strict, shipped, and checked for every plan that any unit test makes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, homeConfig, realBuild, treeOf } from './fixtures/index.ts';
import { planJsonSchema, planSchemaFile } from './json-schema.ts';
import { makeClusterPlan } from './make-plan.ts';
import { clusterPlanSchema } from './plan-schema.ts';

test('schema/plan.schema.json is what the code says today (npm run reference writes it)', () => {
  expect(readFileSync(planSchemaFile, 'utf8')).toBe(planJsonSchema());
});

test('a plan validates also after it was written and read, and one with a field too many or too few does not', async () => {
  const config = homeConfig();
  const plan = await makeClusterPlan({
    tree: treeOf(fixture('home')),
    config,
    cluster: config.clusters[0]!,
    build: realBuild,
  });
  const written: unknown = JSON.parse(JSON.stringify(plan));
  expect(clusterPlanSchema.parse(written)).toEqual(plan);
  expect(clusterPlanSchema.safeParse({ ...plan, secret: '' }).success).toBe(false);
  const { digest: _digest, ...rest } = plan;
  expect(clusterPlanSchema.safeParse(rest).success).toBe(false);
  const [decision] = plan.decisions;
  expect(clusterPlanSchema.safeParse({ ...plan, decisions: [{ ...decision, answer: null }] }).success).toBe(
    false,
  );
});
