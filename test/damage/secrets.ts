/** Looks for ciphertext where plain text should be, without keeping any value. */
import type { Kubectl } from '../lab/kubectl.ts';

/** How many values of each live Secret are SOPS ciphertext, by `namespace/name`; Secrets without any are left out. */
export async function ciphertexts(kubectl: Kubectl): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { metadata, data } of await kubectl.list('secrets')) {
    const encrypted = Object.values(data ?? {}).filter((value) =>
      Buffer.from(value, 'base64').toString('utf8').startsWith('ENC['),
    );
    if (encrypted.length > 0) found[`${metadata.namespace ?? ''}/${metadata.name}`] = encrypted.length;
  }
  return found;
}
