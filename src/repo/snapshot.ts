/** Reads a commit of a bare repository into a Tree: one `ls-tree`, one `cat-file --batch`, the rest on demand. */
import { execaSync } from 'execa';
import { GitFailed } from './errors.ts';
import { lastWords, runGit, type GitOptions } from './git.ts';
import type { Oddity, Tree } from './tree.ts';

interface Blob {
  id: string;
  size: number;
  oddity: Oddity | null;
}

/** Larger files are no manifests; they are read only when asked for. */
const batchLimit = 512 * 1024;

/** @param folders where YAML is read at once; everything else is read lazily (and synchronously) by `read` */
export async function snapshot(options: GitOptions, commit: string, folders: string[] = ['']): Promise<Tree> {
  const blobs = await listBlobs(options, commit);
  const wanted = [...blobs].filter(
    ([path, blob]) =>
      blob.oddity === null &&
      blob.size <= batchLimit &&
      isManifest(path) &&
      folders.some((folder) => isBelow(path, folder)),
  );
  const contents = await readBlobs(options, [...new Set(wanted.map(([, blob]) => blob.id))]);
  const paths = [...blobs.keys()];
  return {
    commit,
    paths: () => paths,
    read(path) {
      const blob = blobs.get(path);
      if (!blob || blob.oddity !== null) return null;
      const known = contents.get(blob.id);
      if (known !== undefined) return known;
      const { stdout } = execaSync('git', ['cat-file', 'blob', blob.id], {
        cwd: options.cwd,
        encoding: 'buffer',
        maxBuffer: 1024 ** 3,
        stripFinalNewline: false,
      });
      const text = decode(Buffer.from(stdout));
      contents.set(blob.id, text);
      return text;
    },
    oddity: (path) => blobs.get(path)?.oddity ?? null,
  };
}

async function listBlobs(options: GitOptions, commit: string): Promise<Map<string, Blob>> {
  const { ok, stdout, stderr } = await runGit(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], options);
  if (!ok) throw new GitFailed(`ls-tree ${commit}`, lastWords(stderr));
  const blobs = new Map<string, Blob>();
  for (const line of stdout.toString('utf8').split('\0')) {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
    if (!match) continue;
    const [, mode = '', type, id = '', size, path = ''] = match;
    // Symbolic links and submodules are listed but have no text of their own.
    const oddity = type !== 'blob' ? 'submodule' : mode.startsWith('100') ? null : 'symlink';
    blobs.set(path, { id, size: Number(size) || 0, oddity });
  }
  return blobs;
}

async function readBlobs(options: GitOptions, ids: string[]): Promise<Map<string, string | null>> {
  const contents = new Map<string, string | null>();
  if (ids.length === 0) return contents;
  const { ok, stdout, stderr } = await runGit(['cat-file', '--batch'], {
    ...options,
    input: `${ids.join('\n')}\n`,
  });
  if (!ok) throw new GitFailed('cat-file --batch', lastWords(stderr));
  let offset = 0;
  for (const id of ids) {
    const end = stdout.indexOf(0x0a, offset);
    const size = Number(stdout.subarray(offset, end).toString('ascii').split(' ')[2]);
    if (end < 0 || Number.isNaN(size)) throw new GitFailed('cat-file --batch', `unexpected answer for ${id}`);
    contents.set(id, decode(stdout.subarray(end + 1, end + 1 + size)));
    offset = end + 1 + size + 1;
  }
  return contents;
}

/** Null for what is not UTF-8: such a file is never edited, since writing it back would change other bytes. A byte order mark is kept. */
function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a file can hold Kubernetes objects. */
export function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path) || /(^|\/)Kustomization$/.test(path);
}

/** Whether a path lies in a folder ('' is the whole repository). */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
