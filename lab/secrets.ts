// The secrets that the lab itself makes, listed in one file for searches for leaks.

import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './commands.ts';
import type { Lab } from './description.ts';

/** Makes the age key that the GitOps repo is encrypted for, and begins the list of secrets with it and the Git token. */
export async function ensureSecrets(lab: Lab): Promise<void> {
  if (!(await exists(lab.ageKeyFile))) {
    await run(path.join(lab.bin, 'age-keygen'), ['-o', lab.ageKeyFile]);
  }
  if (await exists(lab.secretsFile)) return;
  const ageKey = /AGE-SECRET-KEY-\S+/.exec(await readFile(lab.ageKeyFile, 'utf8'))?.[0];
  if (ageKey === undefined)
    throw new Error(`${lab.ageKeyFile} holds no age key. Run "make lab-down", then "make lab".`);
  const gitToken = (await readFile(lab.git.tokenFile, 'utf8')).trim();
  await writeFile(lab.secretsFile, `${JSON.stringify({ gitToken, ageKey }, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
