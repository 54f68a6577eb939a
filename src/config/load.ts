/** Reads handover.yaml; every complaint names the file, line and column, and what to write instead. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { isNode, isMap, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { handoverSchema, type HandoverConfig } from './schema.ts';

export interface ConfigIssue {
  /** Dotted path of the field, '' for the whole file. */
  path: string;
  /** From 1. */
  line: number;
  column: number;
  message: string;
  mend: string;
}

export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly file: string;
  readonly issues: ConfigIssue[];

  constructor(file: string, issues: ConfigIssue[]) {
    super(
      issues
        .map(
          ({ path, line, column, message, mend }) =>
            `${file}:${line}:${column}: ${path ? `${path}: ` : ''}${message}. ${mend}`,
        )
        .join('\n'),
    );
    this.file = file;
    this.issues = issues;
  }
}

/**
 * Relative file paths in it are taken from the folder of the file.
 * @throws ConfigError
 */
export function loadConfig(file: string): HandoverConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(file, [
      {
        path: '',
        line: 1,
        column: 1,
        message: missing ? 'there is no such file' : `it can not be read (${(error as Error).message})`,
        mend: 'Give its path with --config, or write one; the guide (docs/guide.md) begins with an example',
      },
    ]);
  }
  return withAbsolutePaths(parseConfig(text, file), dirname(resolve(file)));
}

/** @throws ConfigError */
export function parseConfig(text: string, file = 'handover.yaml'): HandoverConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      path: '',
      line,
      column: col,
      message: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not valid YAML',
      mend: 'Correct the YAML there',
    };
  });
  if (broken.length > 0) throw new ConfigError(file, broken);
  const result = handoverSchema.safeParse(document.toJS());
  const issues = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => describe(issue, document, lines))),
    ...secretsInside(document, lines),
  ];
  if (issues.length > 0) throw new ConfigError(file, issues);
  return result.data as HandoverConfig;
}

function describe(issue: z.core.$ZodIssue, document: Document.Parsed, lines: LineCounter): ConfigIssue[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...position(document, lines, [...path, key], true),
      path: [...path, key].join('.'),
      message: 'there is no such field',
      mend: 'Remove it, or look at its spelling in schema/handover.schema.json',
    }));
  const missing = issue.code === 'invalid_type' && document.getIn(path) === undefined;
  return [
    {
      ...position(document, lines, path, false),
      path: path.join('.'),
      message: missing ? 'is missing' : issue.message,
      mend: missing ? 'Add it' : mendOf(issue),
    },
  ];
}

function mendOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `Write one of: ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format') return 'Write it in that form';
  return 'Correct the value';
}

/** Of the node at the path; of its nearest parent where it is missing. */
function position(
  document: Document.Parsed,
  lines: LineCounter,
  path: (string | number)[],
  ofKey: boolean,
): { line: number; column: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = isMap(parent)
      ? parent.items.find((item) => isNode(item.key) && String(item.key) === String(path[length - 1]))?.key
      : undefined;
    const value = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const node = ofKey || !isNode(value) ? key : value;
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

/** The token belongs into a file or a variable: handover.yaml is committed, and URLs end up in logs. */
function secretsInside(document: Document.Parsed, lines: LineCounter): ConfigIssue[] {
  const path = ['repository', 'url'];
  const url = document.getIn(path);
  if (typeof url !== 'string' || !/^\w+:\/\/[^/@\s]+:[^/@\s]+@/.test(url)) return [];
  return [
    {
      ...position(document, lines, path, false),
      path: path.join('.'),
      message: 'it contains a password',
      mend: 'Take it out of the URL; name a file or variable in repository.credentials instead',
    },
  ];
}

function withAbsolutePaths(config: HandoverConfig, folder: string): HandoverConfig {
  const absolute = (path: string): string =>
    /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : isAbsolute(path) ? path : resolve(folder, path);
  const { repository, evidence, clusters } = config;
  const { credentials, signing } = repository;
  return {
    ...config,
    repository: {
      ...repository,
      url: /^(\.{1,2}|~)(\/|$)/.test(repository.url) ? absolute(repository.url) : repository.url,
      ...(repository.checkout ? { checkout: absolute(repository.checkout) } : {}),
      ...(credentials
        ? {
            credentials: {
              ...credentials,
              ...(credentials.passwordFile ? { passwordFile: absolute(credentials.passwordFile) } : {}),
            },
          }
        : {}),
      ...(signing
        ? { signing: { ...signing, key: signing.format === 'ssh' ? absolute(signing.key) : signing.key } }
        : {}),
    },
    evidence: { ...evidence, directory: absolute(evidence.directory) },
    clusters: clusters.map((cluster) =>
      cluster.kubeconfig ? { ...cluster, kubeconfig: absolute(cluster.kubeconfig) } : cluster,
    ),
  };
}
