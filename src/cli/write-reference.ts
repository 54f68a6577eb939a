/** Writes what is generated for people and editors: docs/reference.md, docs/rules.md, docs/runbook.md and the JSON Schemas. */
import { mkdir, writeFile } from 'node:fs/promises';
import { jsonSchema, schemaFile } from '../config/json-schema.ts';
import { planJsonSchema, planSchemaFile } from '../plan/json-schema.ts';
import { reference } from './reference.ts';
import { rulesReference } from './rules-reference.ts';
import { runbook } from './runbook.ts';

const docs = new URL('../../docs/', import.meta.url);
await mkdir(docs, { recursive: true });
await writeFile(new URL('reference.md', docs), reference());
await writeFile(new URL('rules.md', docs), rulesReference());
await writeFile(new URL('runbook.md', docs), runbook());
await writeFile(schemaFile, jsonSchema());
await writeFile(planSchemaFile, planJsonSchema());
