import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { activityProgress, type Progress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @returns how many beats came within each of these spans (milliseconds) after it had said something */
async function beatsWithin(spans: number[], meanwhile: (progress: Progress) => void): Promise<number[]> {
  const environment = new MockActivityEnvironment();
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  return environment.run(async () => {
    const progress = activityProgress();
    const counted: number[] = [];
    meanwhile(progress);
    for (const span of spans) {
      const before = beats;
      await vi.advanceTimersByTimeAsync(span);
      counted.push(beats - before);
    }
    progress.end();
    const before = beats;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beats, 'beats after its end').toBe(before);
    return counted;
  });
}

test('it beats twice a second while what it says changes, and every two seconds once it rests', async () => {
  const [busy, , calm] = await beatsWithin([10_000, 2_000, 20_000], (progress) =>
    progress.report('waiting for one thing'),
  );
  expect(busy).toBe(20);
  expect(calm).toBe(10);
});

test('another sentence makes it beat faster again, the same one does not', async () => {
  const saying = (sentence: string) => (progress: Progress) => {
    progress.report('waiting for one thing');
    setTimeout(() => progress.report(sentence), 30_000);
  };
  expect((await beatsWithin([30_500, 5_000], saying('waiting for another')))[1]).toBe(10);
  expect((await beatsWithin([30_500, 5_000], saying('waiting for one thing')))[1]).toBeLessThan(4);
});

test('what is said after its end, by work that goes on beside, does not make it beat again', async () => {
  const environment = new MockActivityEnvironment();
  let beats = 0;
  await environment.run(async () => {
    const progress = activityProgress();
    progress.end();
    progress.report('too late');
    environment.on('heartbeat', () => (beats += 1));
    await vi.advanceTimersByTimeAsync(60_000);
  });
  expect(beats).toBe(0);
});
