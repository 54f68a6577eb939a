// Writes configuration files of the lab's programs.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file unless it has that content already: kube-proxy ends itself when its configuration is touched.
 * True when it was written.
 */
export async function writeConfiguration(file: string, content: string, mode = 0o644): Promise<boolean> {
  const current = await readFile(file, 'utf8').catch(() => undefined);
  if (current === content) return false;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content, { mode });
  return true;
}
