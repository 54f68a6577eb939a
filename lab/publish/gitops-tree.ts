// Renders a branch of the GitOps repo from lab/gitops: the files as people see them, secrets encrypted with SOPS.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../commands.ts';
import type { LabSecrets } from './secrets.ts';
import { filesBelow } from './stamp.ts';

const gitopsFolder = path.join(import.meta.dirname, '../gitops');

/** What the templates say instead of the things that differ from lab to lab. */
const repositoryUrl = 'https://git.haynes.test/haynes/home-ops.git';
const recipient = 'age1-recipient-of-this-lab';

/** Ends the name of a template whose published file is encrypted. */
const plainSuffix = '.plain';

export interface Rendering {
  /** Clone URL of the lab's Git server. */
  readonly gitUrl: string;
  /** Public age key that secrets are encrypted to. */
  readonly recipient: string;
  readonly secrets: LabSecrets;
  /** Values of placeholders that are not random, by name. */
  readonly known: Readonly<Record<string, string>>;
  readonly sops: string;
}

/**
 * Writes one folder of lab/gitops into a work tree. Encryption follows the tree's own `.sops.yaml`, so the shared part comes first.
 * @throws ExecaError with the words of sops when a file cannot be encrypted.
 */
export async function renderPart(part: string, workTree: string, rendering: Rendering): Promise<void> {
  const source = path.join(gitopsFolder, part);
  for (const file of await filesBelow(source)) {
    const secret = file.endsWith(plainSuffix);
    const target = path.join(workTree, publishedName(file));
    const template = await readFile(path.join(source, file), 'utf8');
    const text = template
      .replaceAll(repositoryUrl, rendering.gitUrl)
      .replaceAll(recipient, rendering.recipient);
    await mkdir(path.dirname(target), { recursive: true });
    if (secret)
      await encrypt(rendering.secrets.fill(text, rendering.known), target, workTree, rendering.sops);
    else await writeFile(target, text);
  }
}

/** A name that starts with a dot would act on the checkout of the lab itself: `dot-gitignore` is published as `.gitignore`. */
function publishedName(file: string): string {
  const name = path.basename(file).replace(/^dot-/, '.');
  const published = name.endsWith(plainSuffix) ? name.slice(0, -plainSuffix.length) : name;
  return path.join(path.dirname(file), published);
}

/** The plain text goes through a pipe and never lies on the disk. */
async function encrypt(plain: string, target: string, workTree: string, sops: string): Promise<void> {
  const name = path.relative(workTree, target);
  const configuration = path.join(workTree, '.sops.yaml');
  const names = ['--filename-override', name, '--output', target];
  await run(sops, ['--config', configuration, 'encrypt', ...names], { input: plain });
}
