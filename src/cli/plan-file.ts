/** Where plans are kept: the last one made, and the one that a run was started with. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plan } from '../plan/types.ts';

export const lastPlanFile = '.handover/plan.json';

export async function writePlan(file: string, plan: Plan): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`);
}

/** The plan of a run, beside its evidence. */
export function planFileOf(evidence: string, run: string): string {
  return join(evidence, run, 'plan.json');
}

/** The plan of that digest, if it is still at hand. */
export async function findPlan(
  evidence: string,
  run: string | null,
  digest: string | null,
): Promise<Plan | null> {
  for (const file of [...(run === null ? [] : [planFileOf(evidence, run)]), lastPlanFile]) {
    const plan = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as Plan,
      () => null,
    );
    if (plan !== null && plan.digest === digest) return plan;
  }
  return null;
}
