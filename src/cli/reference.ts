/** docs/reference.md as text: the commands from commander, the fields of handover.yaml from the schema, the phases from their table. */
import type { Command } from 'commander';
import { z } from 'zod';
import { handoverSchema } from '../config/schema.ts';
import { phasesOf } from '../plan/phases.ts';
import { fence, markdownTable } from '../report/markdown.ts';
import { buildProgram } from './program.ts';
import { commands } from './words.ts';

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: string;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${String(each)}\``).join(' or ');
  return schema.items ? `list of ${schema.items.type ?? 'values'}` : (schema.type ?? '');
}

/** One row a leaf: path, type, default, meaning. */
function fieldRows(schema: JsonSchema, path: string, required: boolean): string[][] {
  const rows: string[][] = [];
  const isLeaf = !schema.properties && !schema.items?.properties;
  if (path !== '' && (isLeaf || schema.description)) {
    const initial =
      schema.default === undefined ? (required ? 'required' : '') : `\`${JSON.stringify(schema.default)}\``;
    rows.push([
      `\`${path}\``,
      typeOf(schema),
      isLeaf ? initial : required ? 'required' : '',
      schema.description ?? '',
    ]);
  }
  const inner = schema.properties ? schema : schema.items;
  const prefix = schema.items ? `${path}[]` : path;
  for (const [name, field] of Object.entries(inner?.properties ?? {}))
    rows.push(
      ...fieldRows(
        field,
        prefix === '' ? name : `${prefix}.${name}`,
        inner?.required?.includes(name) ?? false,
      ),
    );
  return rows;
}

/** The commands that do something, with their full names: `soak skip`, not `soak`. */
function leaves(command: Command, names: string[] = []): { command: Command; names: string[] }[] {
  const own = [...names, command.name()];
  return command.commands.length === 0
    ? [{ command, names: own }]
    : command.commands.flatMap((each) => leaves(each, own));
}

function commandSection({ command, names }: { command: Command; names: string[] }): string {
  const name = names.slice(1).join(' ');
  const words = commands.find(({ usage }) => usage === name || usage.startsWith(`${name} `));
  const options = command.options.map((option) => [
    `\`${option.flags}\``,
    option.description,
    option.defaultValue === undefined || typeof option.defaultValue === 'boolean'
      ? ''
      : `\`${String(option.defaultValue)}\``,
  ]);
  return [
    `### ${name}`,
    command.description(),
    fence('sh', `flux-handover ${name} ${command.usage()}`),
    markdownTable(['Option', 'Meaning', 'Default'], options),
    'Examples:',
    fence('sh', (words?.examples ?? []).join('\n')),
  ].join('\n\n');
}

export function reference(): string {
  const schema = z.toJSONSchema(handoverSchema, { io: 'input' }) as JsonSchema;
  const phases = (phasesOf('self-managed') ?? []).map(
    ({ name, meaning, gate, commits, window, compensation }) => [
      name,
      meaning,
      gate ?? '',
      commits ? 'yes' : '',
      window ? 'yes' : '',
      compensation ?? '',
    ],
  );
  return `${[
    '# Reference',
    'Written by `npm run reference` from the command line, the schema and the phase table; do not edit.',
    '## Commands',
    'Every command ends with 0 when it did what was asked, 1 for a finding, a refusal or a held cluster, 2 for a failure, and 130 when interrupted. With `--json`, stdout carries JSON only, an error as `{"error": {...}}`.',
    ...leaves(buildProgram()).map(commandSection),
    '## handover.yaml',
    markdownTable(['Field', 'Type', 'Default', 'Meaning'], fieldRows(schema, '', true)),
    '## Phases',
    'In their order; the checklist runs after each. A shape in which no owner leaves with Flux has no `orphan`.',
    markdownTable(['Phase', 'What happens', 'Gate before it', 'Commits', 'In a window', 'Way back'], phases),
  ].join('\n\n')}\n`;
}
