// Waits until something of the lab answers, and says what it waited for and what its program logged when it never does.

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { listProcesses, logFile } from './processes.ts';

export interface Wait {
  /** What is waited for, as the object of "waiting for". */
  readonly what: string;
  /** Null when it is so; else what is missing, in words. May throw: that counts as missing. */
  readonly check: () => Promise<string | null>;
  /** Milliseconds until giving up. */
  readonly timeout: number;
  /** Milliseconds between two checks. @default 200 */
  readonly interval?: number;
  /** The lab's programs it depends on: one that died ends the wait at once. */
  readonly programs?: readonly string[];
}

/** @throws Error with what was missing last and the end of the log of a program that died. */
export async function waitUntil(wait: Wait): Promise<void> {
  const end = Date.now() + wait.timeout;
  for (;;) {
    const missing = await wait
      .check()
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (missing === null) return;
    await refuseDead(wait);
    if (Date.now() > end) {
      throw new Error(`Gave up waiting for ${wait.what} after ${wait.timeout / 1000} s: ${missing}`);
    }
    await pause(wait.interval ?? 200);
  }
}

async function refuseDead(wait: Wait): Promise<void> {
  if (wait.programs === undefined) return;
  const dead = (await listProcesses()).find(
    (process) => !process.alive && wait.programs?.includes(process.name),
  );
  if (dead === undefined) return;
  const log = await readFile(logFile(dead.name), 'utf8').catch(() => '');
  const lastLines = log.trimEnd().split('\n').slice(-8).join('\n');
  throw new Error(
    `${dead.name} died while waiting for ${wait.what}. The end of ${logFile(dead.name)}:\n${lastLines}`,
  );
}
