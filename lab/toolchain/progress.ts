// Makes the missing parts one after the other and says so: which, how many are left, how long it usually takes.
import type { Part } from './parts.ts';

const REPEAT_MILLISECONDS = 20_000;

/** Runs `after` once before the first and after each part. */
export async function runParts(
  parts: Part[],
  onProgress: (message: string) => void,
  after: () => Promise<void>,
): Promise<void> {
  await after();
  const missing = parts.filter((part) => !part.built);
  if (missing.length === 0) return;
  const total = missing.reduce((sum, part) => sum + part.expectedSeconds, 0);
  onProgress(
    `${missing.length} of ${parts.length} parts of the lab to build, about ${duration(total)} on two cores; kept for the next time`,
  );
  for (const [index, part] of missing.entries()) {
    const place = `[${index + 1}/${missing.length}] ${part.name}`;
    const begun = Date.now();
    const elapsed = (): string => duration((Date.now() - begun) / 1000);
    onProgress(`${place}: building, usually ${duration(part.expectedSeconds)}`);
    const repeated = setInterval(
      () => onProgress(`${place}: building for ${elapsed()}, usually ${duration(part.expectedSeconds)}`),
      REPEAT_MILLISECONDS,
    );
    try {
      await part.make();
    } finally {
      clearInterval(repeated);
    }
    await after();
    onProgress(`${place}: done in ${elapsed()}`);
  }
}

/** 95 → `1 min 35 s` */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
