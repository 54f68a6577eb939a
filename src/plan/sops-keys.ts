/** Which kinds of private key decrypt a Kustomization's files, told from the metadata that sops leaves in them. */
import { reachOf } from '../repo/kustomize-build.ts';
import type { Tree } from '../repo/tree.ts';

/** `other`: a key service (KMS, Vault), whose credentials are not a key file. */
export type SopsKey = 'age' | 'pgp' | 'other';

/** @param secretName what is said where no encrypted file is at hand; @returns at least one kind, in a fixed order */
export function sopsKeysOf(tree: Tree, folder: string, secretName: string): SopsKey[] {
  const found = new Set<SopsKey>();
  for (const file of reachOf(tree, folder).files) {
    const text = tree.read(file) ?? '';
    const metadata = /^sops:\r?\n((?:[ \t].*\n|\r?\n)+)/m.exec(text.endsWith('\n') ? text : `${text}\n`)?.[1];
    // An empty list is written on the line of its key.
    for (const [, key = ''] of (metadata ?? '').matchAll(
      /^\s+(age|pgp|kms|gcp_kms|azure_kv|hc_vault):\s*$/gm,
    ))
      found.add(key === 'age' || key === 'pgp' ? key : 'other');
  }
  if (found.size === 0) found.add(/gpg|pgp/i.test(secretName) ? 'pgp' : 'age');
  return (['age', 'pgp', 'other'] as const).filter((key) => found.has(key));
}
