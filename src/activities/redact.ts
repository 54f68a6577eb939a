/** Takes secrets out of whatever is about to be kept or shown: known values in every common encoding, and what looks like a secret. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HandoverConfig } from '../config/schema.ts';

export type Redactor = (text: string) => string;

const mask = '«redacted»';

const patterns: [RegExp, string][] = [
  [/(\w+:\/\/)[^/\s:@]+(:[^/\s@]*)?@/g, `$1${mask}@`],
  [/AGE-SECRET-KEY-1[0-9A-Z]+/g, mask],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, mask],
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abpr]-[\w-]{10,})/g, mask],
  [/(\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[^\s"']+/gi, `$1${mask}`],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g, mask],
];

/** A redactor for these secret values; values shorter than 6 characters would hide ordinary words and are left to the patterns. */
export function redactor(secrets: string[]): Redactor {
  const forms = new Set<string>();
  for (const secret of secrets.map((value) => value.trim()).filter((value) => value.length >= 6)) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      encodeURIComponent(secret),
    ])
      forms.add(form.replace(/=+$/, ''));
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of longestFirst) clean = clean.replaceAll(form, mask);
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    return clean;
  };
}

/** The secret values that the configuration refers to; a file that can not be read has nothing to hide. */
export function knownSecrets(config: HandoverConfig, directory: string): string[] {
  const { passwordFile, passwordEnv } = config.repository.credentials ?? {};
  const secrets: string[] = [];
  if (passwordEnv && process.env[passwordEnv]) secrets.push(process.env[passwordEnv]);
  if (passwordFile) {
    try {
      secrets.push(...readFileSync(path.resolve(directory, passwordFile), 'utf8').split('\n'));
    } catch {
      // Git will say so itself when it needs the file.
    }
  }
  return secrets;
}
