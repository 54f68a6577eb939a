/**
 * Whatever a repository holds, its plan is a plan or a clear refusal that names the file: never a crash, a hang, or a change of
 * something else. FUZZ_SECONDS (default 40) bounds it, FUZZ_SEED (a number, or `random`) makes other repositories.
 */
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Outcome } from './worker.ts';

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 40);
const given = process.env['FUZZ_SEED'] ?? '1';
const seed = given === 'random' ? Date.now() % 1_000_000 : Number(given);
/** The longest that one plan may take, milliseconds: kubectl needs a second for ten megabytes, several times over, and more on a busy machine. */
const limit = 60_000;

function startWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { workerData: { seed, program: true } });
}

async function answer(worker: Worker, round: number): Promise<Outcome | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), limit);
    worker.removeAllListeners();
    worker.once('message', (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
    worker.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(round);
  });
}

test(
  `mutated repositories are planned or refused (seed ${seed})`,
  async () => {
    const end = Date.now() + seconds * 1000;
    const faults: string[] = [];
    let worker = startWorker();
    let [rounds, refused, slowest] = [0, 0, 0];
    try {
      for (; Date.now() < end && faults.length < 10; rounds += 1) {
        const outcome = await answer(worker, rounds);
        if (outcome === null) {
          faults.push(`round ${rounds}: no end after ${limit / 1000} s`);
          await worker.terminate();
          worker = startWorker();
          continue;
        }
        if (outcome.refused) refused += 1;
        slowest = Math.max(slowest, outcome.milliseconds);
        for (const fault of outcome.faults) faults.push(`round ${rounds}: ${outcome.story}\n  ${fault}`);
      }
    } finally {
      await worker.terminate();
    }
    const summary = `seed ${seed}: ${rounds} repositories, ${refused} refused, the slowest in ${(slowest / 1000).toFixed(1)} s`;
    process.stdout.write(`${summary}\n`);
    expect(faults, `${summary}; again with FUZZ_SEED=${seed}`).toEqual([]);
    // Mutations that are all refused, or none, would prove nothing.
    expect(refused).toBeGreaterThan(rounds / 10);
    expect(refused).toBeLessThan(rounds);
  },
  (seconds + 120) * 1000,
);
