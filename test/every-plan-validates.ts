/** Before every unit test: whatever plan a test makes must be the document that the schema describes. */
import { vi } from 'vitest';

vi.mock(import('../src/plan/make-plan.ts'), async (original) => {
  const [real, { clusterPlanSchema, planSchema }] = await Promise.all([
    original(),
    import('../src/plan/plan-schema.ts'),
  ]);
  return {
    ...real,
    async makeClusterPlan(request) {
      const plan = await real.makeClusterPlan(request);
      clusterPlanSchema.parse(plan);
      return plan;
    },
    async makePlan(...given) {
      const plan = await real.makePlan(...given);
      planSchema.parse(plan);
      return plan;
    },
  };
});
