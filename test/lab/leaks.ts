/** Searches everything a run leaves behind for secrets: raw, in base64 at any alignment, and URL-encoded. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Where a secret was found, and which; never its value. */
export interface Leak {
  secret: string;
  place: string;
  form: 'raw' | 'base64' | 'url-encoded';
}

/** Base64 of a secret in the middle of other bytes: three alignments, without the characters that depend on the neighbours. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
      .toString('base64')
      .replaceAll('=', '');
    const start = shift === 0 ? 0 : shift + 1;
    const end = (shift + value.length) % 3 === 0 ? encoded.length : encoded.length - 1;
    return encoded.slice(start, end);
  });
}

/** @param secrets name → value; values shorter than 6 characters would match by chance and are an error */
export function findSecrets(place: string, text: string, secrets: Record<string, string>): Leak[] {
  const leaks: Leak[] = [];
  for (const [secret, value] of Object.entries(secrets)) {
    if (value.length < 6) throw new Error(`secret ${secret} is too short to search for`);
    const url = encodeURIComponent(value);
    const base64Url = base64Forms(value).map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
    if (text.includes(value)) leaks.push({ secret, place, form: 'raw' });
    if ([...base64Forms(value), ...base64Url].some((form) => text.includes(form)))
      leaks.push({ secret, place, form: 'base64' });
    if (url !== value && text.includes(url)) leaks.push({ secret, place, form: 'url-encoded' });
  }
  return leaks;
}

/** Every file below a folder, as text. */
export async function textsBelow(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    texts.set(file, await readFile(file, 'utf8'));
  }
  return texts;
}

/** Replaces every base64 payload of an exported history by its text, so that the search sees what it says. */
export function decodePayloads(history: string): string {
  const decode = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(decode);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === 'data' && typeof inner === 'string'
          ? Buffer.from(inner, 'base64').toString('utf8')
          : decode(inner),
      ]),
    );
  };
  return JSON.stringify(decode(JSON.parse(history)));
}

/** Collects the arguments of every process on the machine, over and over, until stopped. */
export class ArgumentsWatch {
  readonly seen = new Set<string>();
  #stopped = false;
  #done: Promise<void> = Promise.resolve();

  start(): void {
    this.#done = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #loop(): Promise<void> {
    const own = await readlink('/proc/self');
    // A process changes its arguments only by exec, soon after it was forked: a few looks at each are enough.
    let looks = new Map<string, number>();
    while (!this.#stopped) {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== own);
      looks = new Map(pids.map((pid) => [pid, (looks.get(pid) ?? 0) + 1]));
      await Promise.all(
        pids.map(async (pid) => {
          if ((looks.get(pid) ?? 0) > 5) return;
          // A process that ended between the listing and the read has nothing left to read.
          const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
          if (text !== '') this.seen.add(text.replaceAll('\0', ' '));
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
