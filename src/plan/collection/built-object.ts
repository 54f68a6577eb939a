/** Objects as a build prints them: who they are at once, what is in them only when somebody looks. */
import { posix } from 'node:path';
import { parseDocument } from 'yaml';
import { isRecord, text } from '../../repo/manifests.ts';
import type { ObjectReference } from '../types.ts';

export interface BuiltObject {
  /** `group/kind/namespace/name`: what an inventory tells objects apart by. */
  key: string;
  apiVersion: string;
  group: string;
  kind: string;
  /** '' where it is left out, or the object has none. */
  namespace: string;
  name: string;
  /** File it comes from; null for a generated one. */
  file: string | null;
  /** As built, without the note on its origin: equal texts are equal objects. */
  text: string;
  /** Labels and annotations together: Flux looks for its marks in both. */
  marks: Record<string, string>;
  value(): Record<string, unknown>;
}

/** What a Flux Kustomization does to objects after the build. */
export interface AfterBuild {
  /** From spec.commonMetadata: labels and annotations together. */
  marks: Record<string, string>;
  substitute(document: string): string;
}

export function referenceTo({ apiVersion, kind, namespace, name }: BuiltObject): ObjectReference {
  return { apiVersion, kind, namespace, name };
}

export function keyOf(object: ObjectReference): string {
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  return `${group}/${object.kind}/${object.namespace}/${object.name}`;
}

/**
 * @param folder that was built: origins are told from there
 * @param fluxNamespace of Flux's own objects that leave theirs out
 */
export function readBuild(
  output: string,
  folder: string,
  after: AfterBuild,
  fluxNamespace: string,
): BuiltObject[] {
  return output
    .split(/^---\n/m)
    .filter((document) => document.trim() !== '')
    .map((document) => readObject(document, folder, after, fluxNamespace));
}

function readObject(printed: string, folder: string, after: AfterBuild, fluxNamespace: string): BuiltObject {
  const { document: plain, origin } = withoutOrigin(printed);
  const document = after.substitute(plain);
  let value: Record<string, unknown> | undefined;
  const parsed = (): Record<string, unknown> => (value ??= asRecord(parseDocument(document).toJS()));
  const metadata = metadataOf(document);
  const apiVersion = topField(document, 'apiVersion');
  const kind = topField(document, 'kind');
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const isFlux = /(\.toolkit\.fluxcd\.io|^fluxcd\.controlplane\.io)$/.test(group);
  const namespace = text(metadata, 'namespace') || (isFlux ? fluxNamespace : '');
  const name = text(metadata, 'name');
  return {
    key: `${group}/${kind}/${namespace}/${name}`,
    apiVersion,
    group,
    kind,
    namespace,
    name,
    file: origin === null ? null : posix.join(folder, origin),
    text: document,
    marks: {
      ...strings(metadata['annotations']),
      ...strings(metadata['labels']),
      ...after.marks,
    },
    value: parsed,
  };
}

const originField = /^ {4}config\.kubernetes\.io\/origin: \|\n((?: {6}.*\n|\n)*)/m;

function withoutOrigin(printed: string): { document: string; origin: string | null } {
  const match = originField.exec(printed);
  if (!match) return { document: printed, origin: null };
  const document = printed
    .replace(originField, '')
    // An object that had no annotations has none again.
    .replace(/^ {2}annotations:\n(?! {4})/m, '');
  return { document, origin: /^ {6}path: (.+)$/m.exec(match[1] ?? '')?.[1] ?? null };
}

/** The program prints one field a line and sorts them, so the few that say who an object is need no parser. */
function topField(document: string, field: string): string {
  return scalar(new RegExp(`^${field}: (.*)$`, 'm').exec(document)?.[1] ?? '');
}

function scalar(written: string): string {
  if (!/^["']/.test(written)) return written;
  return String(parseDocument(written).toJS());
}

function metadataOf(document: string): Record<string, unknown> {
  const block = /^metadata:\n((?: .*\n|\n)*)/m.exec(document)?.[1] ?? '';
  if (!/^ {2}(labels|annotations):/m.test(block)) {
    const field = (name: string): string =>
      scalar(new RegExp(`^ {2}${name}: (.*)$`, 'm').exec(block)?.[1] ?? '');
    return { name: field('name'), namespace: field('namespace') };
  }
  return asRecord(parseDocument(block).toJS());
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function strings(value: unknown): Record<string, string> {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]))
    : {};
}
