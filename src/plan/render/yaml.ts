/** Writes YAML files in the neighbours' style. */
import { Document, Scalar, visit } from 'yaml';
import type { Style } from '../style.ts';

/** One document: optional `---`, optional schema comment, then the lines. */
export function renderFile(style: Style, apiVersion: string, kind: string, body: string): string {
  const schema = style.schema(apiVersion, kind);
  const content = `${style.documentStart ? '---\n' : ''}${schema ? `${schema}\n` : ''}apiVersion: ${apiVersion}\nkind: ${kind}\n${body.trimEnd()}\n`;
  return style.carriageReturns ? content.replaceAll('\n', '\r\n') : content;
}

/** A value as YAML in the neighbours' indentation and quotes, multi-line strings as literal blocks, no line folded. */
export function renderValue(style: Style, value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      if (node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
      else if (style.quotes) node.type = style.quotes === '"' ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE;
    },
  });
  return document.toString({
    indent: style.indentation,
    indentSeq: style.indentLists,
    lineWidth: 0,
    blockQuote: 'literal',
  });
}

/** A string as the neighbours would write it. */
export function renderString(style: Style, value: string): string {
  return renderValue(style, value).trimEnd();
}

export function indent(text: string, spaces: number): string {
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : ' '.repeat(spaces) + line))
    .join('\n');
}
