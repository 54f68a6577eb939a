// Makes the random values that the lab's encrypted files hold, and keeps them in the lab's list of secrets.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Lab } from '../description.ts';

/** How a template names a value: `lab-secret:main-webhook-token`. */
const placeholder = /lab-secret:([a-z][a-z0-9-]*)/g;

/** The secrets of one lab by name; a name that was never asked for gets a fresh random value. */
export class LabSecrets {
  readonly #values: Map<string, string>;

  private constructor(values: Map<string, string>) {
    this.#values = values;
  }

  /** The values that Git and the clusters were set up with, and those of an earlier publication. */
  static async open(lab: Lab): Promise<LabSecrets> {
    const listed = JSON.parse(await readFile(lab.secretsFile, 'utf8')) as Record<string, string>;
    return new LabSecrets(new Map(Object.entries(listed)));
  }

  /** Replaces every placeholder of a template by its value. */
  fill(template: string, known: Readonly<Record<string, string>>): string {
    return template.replaceAll(placeholder, (_, name: string) => known[name] ?? this.#value(name));
  }

  /** Writes all values back, for the search for leaks. */
  async save(lab: Lab): Promise<void> {
    const text = `${JSON.stringify(Object.fromEntries(this.#values), undefined, 2)}\n`;
    await writeFile(lab.secretsFile, text, { mode: 0o600 });
  }

  #value(name: string): string {
    const made = this.#values.get(name) ?? randomValue(name);
    this.#values.set(name, made);
    return made;
  }
}

/** 160 random bits in the shape that the name asks for: a domain, a mail address, or a plain token. */
function randomValue(name: string): string {
  const token = randomBytes(20).toString('hex');
  if (name.endsWith('-domain')) return `haynes-${token}.example.net`;
  if (name.endsWith('-contact')) return `${token}@example.net`;
  return token;
}
