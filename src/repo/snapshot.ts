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
      // Whoever asks for one file of another folder asks for its neighbours next, and a process for each is dear.
      const ids = new Set([blob.id]);
      for (const [other, { id, size, oddity }] of blobs)
        if (oddity === null && size <= batchLimit && !contents.has(id) && areNeighbours(path, other))
          ids.add(id);
      for (const [id, text] of readBlobsNow(options, [...ids])) contents.set(id, text);
      return contents.get(blob.id) ?? null;
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

/** Kustomization files of a repository are looked through together; manifests by the folder in which a cluster's lie. */
function areNeighbours(path: string, other: string): boolean {
  const isKustomization = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
  if (isKustomization.test(path)) return isKustomization.test(other);
  const [top = '', next = ''] = path.split('/');
  return isManifest(path) && isManifest(other) && other.startsWith(`${top}/${next}/`);
}

async function readBlobs(options: GitOptions, ids: string[]): Promise<Map<string, string | null>> {
  if (ids.length === 0) return new Map();
  const { ok, stdout, stderr } = await runGit(['cat-file', '--batch'], {
    ...options,
    input: `${ids.join('\n')}\n`,
  });
  if (!ok) throw new GitFailed('cat-file --batch', lastWords(stderr));
  return contentsIn(stdout, ids);
}

/** As `readBlobs`, for callers that can not wait. */
function readBlobsNow({ cwd }: GitOptions, ids: string[]): Map<string, string | null> {
  const { stdout } = execaSync('git', ['cat-file', '--batch'], {
    cwd,
    encoding: 'buffer',
    input: `${ids.join('\n')}\n`,
    maxBuffer: 1024 ** 3,
    stripFinalNewline: false,
  });
  return contentsIn(Buffer.from(stdout), ids);
}

/** Reads what `cat-file --batch` prints: a line with the size, the bytes, a line end. */
function contentsIn(printed: Buffer, ids: string[]): Map<string, string | null> {
  const contents = new Map<string, string | null>();
  let offset = 0;
  for (const id of ids) {
    const end = printed.indexOf(0x0a, offset);
    const size = Number(printed.subarray(offset, end).toString('ascii').split(' ')[2]);
    if (end < 0 || Number.isNaN(size)) throw new GitFailed('cat-file --batch', `unexpected answer for ${id}`);
    contents.set(id, decode(printed.subarray(end + 1, end + 1 + size)));
    offset = end + 1 + size + 1;
  }
  return contents;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null for what is not UTF-8: such a file is never edited, since writing it back would change other bytes. A byte order mark is kept. */
function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
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
