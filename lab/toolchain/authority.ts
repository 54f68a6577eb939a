// The lab's certificate authority: one per user, made once, kept in the cache and trusted by the images that the lab builds.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, fillOnce } from './cache.ts';

export interface Authority {
  /** PEM file. */
  certificate: string;
  /** PEM file, readable by its owner alone. */
  key: string;
}

export function authorityFiles(): Authority & { made: boolean } {
  const folder = join(cacheFolder(), 'authority');
  return { certificate: join(folder, 'ca.crt'), key: join(folder, 'ca.key'), made: existsSync(folder) };
}

/** A P-256 key and a certificate good for ten years. Call it with the cache's lock held. */
export async function makeAuthority(): Promise<void> {
  await fillOnce(join(cacheFolder(), 'authority'), async (partial) => {
    const options = { cwd: partial };
    // genpkey writes its file with mode 0600.
    await execa(
      'openssl',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ca.key'],
      options,
    );
    await execa('chmod', ['0600', 'ca.key'], options);
    const subject = ['-subj', '/CN=flux-handover lab CA', '-days', '3650', '-sha256'];
    const uses = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    await execa(
      'openssl',
      ['req', '-x509', '-new', '-key', 'ca.key', '-out', 'ca.crt', ...subject, ...uses],
      options,
    );
  });
}
