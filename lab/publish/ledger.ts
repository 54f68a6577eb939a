// Remembers from which source each reference of the registry was pushed, so that nothing is packed or pushed twice.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { publishedDigest } from './registry.ts';
import type { RegistryAccess } from './registry.ts';

interface Entry {
  /** Stamp of everything that decides the content. */
  readonly source: string;
  /** Manifest digest that the registry reported after the push. */
  readonly digest: string;
}

/** What was pushed to one registry, kept as JSON in a file. */
export class Ledger {
  readonly #file: string;
  readonly #registry: RegistryAccess;
  readonly #entries: Map<string, Entry>;
  /** The last save; pushes run side by side, but their saves share one file. */
  #saved: Promise<void> = Promise.resolve();

  private constructor(file: string, registry: RegistryAccess, entries: Map<string, Entry>) {
    this.#file = file;
    this.#registry = registry;
    this.#entries = entries;
  }

  static async open(file: string, registry: RegistryAccess): Promise<Ledger> {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    return new Ledger(file, registry, new Map(Object.entries(JSON.parse(text) as Record<string, Entry>)));
  }

  /** Runs `push` unless the registry still holds what was pushed from the same source. Gives whether it pushed. */
  async once(reference: string, source: string, push: () => Promise<void>): Promise<boolean> {
    const known = this.#entries.get(reference);
    if (known?.source === source && (await publishedDigest(this.#registry, reference)) === known.digest)
      return false;
    await push();
    const digest = await publishedDigest(this.#registry, reference);
    if (digest === undefined)
      throw new Error(`${reference} was pushed to ${this.#registry.address} but is not there.`);
    this.#entries.set(reference, { source, digest });
    this.#saved = this.#saved.then(() => this.#save());
    await this.#saved;
    return true;
  }

  async #save(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(
      `${this.#file}.new`,
      `${JSON.stringify(Object.fromEntries(this.#entries), undefined, 2)}\n`,
    );
    await rename(`${this.#file}.new`, this.#file);
  }
}
