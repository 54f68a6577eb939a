// A stamp over the files below folders: equal stamps mean equal paths and equal content.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Hex SHA-256 over path and content of every file below the folders, and over the extra words. */
export async function stampFolders(folders: readonly string[], ...words: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      const content = await readFile(path.join(folder, file));
      hash.update(`\n${file}\n${content.length}\n`).update(content);
    }
  }
  return hash.digest('hex');
}

/** Every file below a folder, as paths relative to it, in a stable order. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}
