/** Writes YAML files in the neighbours' style. */
import { stringify } from 'yaml';
import type { Style } from '../style.ts';

/** One document: optional `---`, optional schema comment, then the lines. */
export function renderFile(style: Style, apiVersion: string, kind: string, body: string): string {
  const schema = style.schema(apiVersion, kind);
  const content = `${style.documentStart ? '---\n' : ''}${schema ? `${schema}\n` : ''}apiVersion: ${apiVersion}\nkind: ${kind}\n${body.trimEnd()}\n`;
  return style.carriageReturns ? content.replaceAll('\n', '\r\n') : content;
}

/** A value as YAML, multi-line strings as literal blocks, no line folded. */
export function renderValue(style: Style, value: unknown): string {
  return stringify(value, {
    indentSeq: style.indentLists,
    lineWidth: 0,
    blockQuote: 'literal',
    aliasDuplicateObjects: false,
  });
}

export function indent(text: string, spaces: number): string {
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : ' '.repeat(spaces) + line))
    .join('\n');
}
