/** Writes schema/handover.schema.json, the editors' view of handover.yaml. Run it after changing the schema. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { handoverSchema } from './schema.ts';

export const schemaFile = new URL('../../schema/handover.schema.json', import.meta.url);

/** The JSON Schema as text. Fields with a default may be left out. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(handoverSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'handover.yaml of flux-handover', ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(schemaFile, jsonSchema());
