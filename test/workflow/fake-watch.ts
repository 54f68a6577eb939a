/** A watch that sees what a test lets it see, and otherwise beats until it is cancelled, as the real one. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Finding, WatchInput, WatchResult } from '../../src/activities/contract.ts';
import { failure, type FakeCluster } from './fake-cluster.ts';

export class FakeWatch {
  /** Watches that run now, and most at once: two of them would give the same aid twice. */
  running = 0;
  most = 0;
  #seen: Finding[] | null = null;
  #last: Finding[] | null = null;
  #lost: Finding | null = null;
  #dies = false;

  constructor(fake: FakeCluster) {
    fake.answers.watchHealth = (input) => this.#watch(input);
  }

  /** The next look finds this. */
  sees(...findings: Finding[]): void {
    this.#seen = findings;
  }

  /** The next look finds the Lease with another, or with nobody. */
  loses(lease: Finding): void {
    this.#lost = lease;
  }

  /** It is found in the moment in which the watch is told to stop. */
  seesWhenStopped(...findings: Finding[]): void {
    this.#last = findings;
  }

  /** Its worker is killed in that moment: it is not heard of again. */
  diesWhenStopped(): void {
    this.#dies = true;
  }

  async #watch({ known }: WatchInput): Promise<WatchResult> {
    const context = Context.current();
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      for (;;) {
        context.heartbeat('watching after adopt: all is well');
        const breaches = this.#seen;
        this.#seen = null;
        const lost = this.#lost;
        this.#lost = null;
        if (lost) throw failure('LockHeld', lost.what, [lost]);
        if (breaches) return { breaches, known: [...known, ...breaches.map(({ id }) => id)], evidence: [] };
        await context.sleep(50);
      }
    } catch (stopped) {
      const breaches = this.#last;
      this.#last = null;
      // Longer than a heartbeat may be away.
      if (this.#dies) await delay(45_000);
      if (!breaches) throw stopped;
      return { breaches, known: [...known, ...breaches.map(({ id }) => id)], evidence: [] };
    } finally {
      this.running -= 1;
    }
  }
}

/** What a watch ends with that knew of nothing before. */
export async function seen(...breaches: Finding[]): Promise<WatchResult> {
  return { breaches, known: breaches.map(({ id }) => id), evidence: [] };
}

export function breach(id: string): Finding {
  return { id, severity: 'refuse', what: `${id} was seen`, why: 'it does harm', mend: 'mend it' };
}
