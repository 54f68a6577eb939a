/** Splits YAML text into its documents and parses each within bounds: no input hangs, crashes or exhausts it. */
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml';

/** Where YAML can not be read, and why. */
export interface YamlProblem {
  /** From 1, in the file. */
  line: number;
  what: string;
}

export interface DocumentText {
  text: string;
  /** Lines of the file before this document. */
  offset: number;
}

export interface ParsedDocument {
  document: Document.Parsed;
  lines: LineCounter;
  value: unknown;
}

/** A document beyond this many characters is not parsed: it takes seconds, and no API server accepts the object (1.5 MiB). */
const longest = 3 * 1024 * 1024;
/** The largest bundles of CRDs have some hundreds. */
const mostDocuments = 5000;
/** As go-yaml: beyond it, anchors multiply into more than a document can mean. */
const mostAliases = 1000;
/** kustomize and Kubernetes stop at 10,000; no manifest comes near this. */
const deepest = 500;

/**
 * The documents of a file, in their order. By the YAML specification `---` at the start of a line always begins one,
 * also inside a block scalar; where directives or `...` stand, the file is kept whole.
 */
export function splitDocuments(text: string): DocumentText[] {
  if (/^(%|\.\.\.(\s|$))/m.test(text)) return [{ text, offset: 0 }];
  const starts = [...text.matchAll(/^---(?=\s|$)/gm)].map((match) => match.index);
  if (starts.length === 0) return [{ text, offset: 0 }];
  const head = text.slice(0, starts[0]);
  // Comments before the first mark belong to the first document.
  if (/^[ \t\r]*$/.test(head.replace(/^\uFEFF/, '').replace(/^[ \t]*#.*$|\n/gm, ''))) starts[0] = 0;
  else starts.unshift(0);
  let offset = 0;
  return starts.map((start, index) => {
    const part = { text: text.slice(start, starts[index + 1] ?? text.length), offset };
    offset += lineBreaks(part.text);
    return part;
  });
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** A file of so many documents that reading them would take minutes. */
export function tooMany(parts: DocumentText[]): YamlProblem | null {
  const first = parts[mostDocuments];
  return first
    ? {
        line: first.offset + 1,
        what: `${parts.length} documents, more than the ${mostDocuments} that are read`,
      }
    : null;
}

/** A document beyond what Kubernetes stores. */
export function tooLong({ text, offset }: DocumentText): YamlProblem | null {
  if (text.length <= longest) return null;
  return {
    line: offset + 1,
    what: `a document of ${(text.length / 1024 / 1024).toFixed(1)} MiB, larger than any object that Kubernetes stores`,
  };
}

/** Parses one part of a file, which holds one document unless it has directives or `...`. Never throws. */
export function parsePart({ text, offset }: DocumentText): ParsedDocument[] | YamlProblem {
  const long = tooLong({ text, offset });
  if (long) return long;
  if (opensTooDeep(text)) return { line: offset + 1, what: `more than ${deepest} levels of nesting` };
  const lines = new LineCounter();
  try {
    // Unique keys are checked below: the library compares every pair, which takes minutes for a large map.
    const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: false });
    const parsed: ParsedDocument[] = [];
    for (const document of documents as Document.Parsed[]) {
      const [error] = document.errors;
      if (error) return { line: offset + lines.linePos(error.pos[0]).line, what: firstLine(error.message) };
      const problem = unsound(document, lines);
      if (problem) return { line: offset + problem.line, what: problem.what };
      parsed.push({
        document,
        lines,
        value: document.toJS({ maxAliasCount: mostAliases }) as unknown,
      });
    }
    return parsed;
  } catch (error) {
    return { line: offset + 1, what: firstLine((error as Error).message) };
  }
}

/**
 * Whether brackets are opened far beyond any nesting. The library takes seconds to give up on them; prose and patterns
 * in scalars count too, but never come near.
 */
function opensTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > 4 * deepest) return true;
  }
  return false;
}

/** What parses, but is refused by kustomize: a key given twice; or what only an attack looks like: endless nesting. */
function unsound(document: Document.Parsed, lines: LineCounter): YamlProblem | null {
  const at = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  const anchors = new Set<string>();
  // Not the library's `visit`: it copies the path at every step, which is a third of the time that parsing takes.
  const look = (node: unknown, depth: number): YamlProblem | null => {
    if (isAlias(node))
      return anchors.has(node.source)
        ? null
        : { line: at(node), what: `the alias *${node.source} stands for nothing` };
    if (!isScalar(node) && !isCollection(node)) return null;
    if (node.anchor) anchors.add(node.anchor);
    if (isScalar(node)) return null;
    if (depth > deepest) return { line: at(node), what: `more than ${deepest} levels of nesting` };
    const seen = new Set<unknown>();
    for (const item of node.items) {
      if (!isPair(item)) {
        const problem = look(item, depth + 1);
        if (problem) return problem;
        continue;
      }
      const { key } = item;
      if (isMap(node) && !isScalar(key))
        return { line: at(node), what: 'a key that is a map, a list or an alias' };
      if (isMap(node) && isScalar(key)) {
        // Each `<<` is a symbol of its own.
        const name = typeof key.value === 'symbol' ? '<<' : key.value;
        if (seen.has(name)) return { line: at(key), what: `the key ${String(name)} stands there twice` };
        seen.add(name);
      }
      const problem = look(key, depth + 1) ?? look(item.value, depth + 1);
      if (problem) return problem;
    }
    return null;
  };
  return look(document.contents, 0);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').slice(0, 200);
}
