/** schema/plan.schema.json as text, for programs that read `plan --json`. `npm run reference` writes it. */
import { z } from 'zod';
import { planSchema } from './plan-schema.ts';

export const planSchemaFile = new URL('../../schema/plan.schema.json', import.meta.url);

export function planJsonSchema(): string {
  const schema = z.toJSONSchema(planSchema, { target: 'draft-7', reused: 'ref' });
  return `${JSON.stringify({ title: 'The plan of flux-handover, version 1', ...schema }, null, 2)}\n`;
}
