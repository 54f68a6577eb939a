/** A repository in memory that may hold anything: bytes that are no text, links, submodules. */
import type { Oddity, Tree } from '../../src/repo/tree.ts';

export interface FuzzRepository {
  files: Map<string, Buffer>;
  oddities: Map<string, Oddity>;
}

export function copyOf({ files, oddities }: FuzzRepository): FuzzRepository {
  return { files: new Map(files), oddities: new Map(oddities) };
}

export function fuzzTree({ files, oddities }: FuzzRepository): Tree {
  const paths = [...new Set([...files.keys(), ...oddities.keys()])].sort();
  const texts = new Map<string, string | null>();
  const decode = (path: string): string | null => {
    const bytes = files.get(path);
    if (!bytes || oddities.has(path)) return null;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
  };
  return {
    commit: '0'.repeat(40),
    paths: () => paths,
    read(path) {
      if (!texts.has(path)) texts.set(path, decode(path));
      return texts.get(path) ?? null;
    },
    oddity: (path) => oddities.get(path) ?? null,
  };
}
