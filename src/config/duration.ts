/** The one place that reads and writes durations such as `90s`, `1h30m` and `7d`; pure, so that workflows may use it. */

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof milliseconds;

const ours = /^(\d+(ms|s|m|h|d))+$/;
/** As Flux's APIs allow it. */
const ofGo = /^(\d+(\.\d+)?(ms|s|m|h))+$/;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Milliseconds of a duration as the configuration writes it: one or more numbers with unit (ms, s, m, h, d), summed.
 * @throws RangeError for anything else, e.g. `1.5h` or a bare number.
 */
export function durationMs(text: string): number {
  if (!ours.test(text))
    throw new RangeError(`"${text}" is not a duration: write it like 90s, 30m, 1h30m or 7d`);
  return sumOf(text);
}

/** Milliseconds of a duration as Go writes it and Flux's APIs take it: `5m0s`, `1.5h`. Null for anything else. */
export function goDurationMs(text = ''): number | null {
  return ofGo.test(text) ? sumOf(text) : null;
}

function sumOf(text: string): number {
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(part)) sum += Number(amount) * milliseconds[unit as Unit];
  return sum;
}

/** The two largest units that matter, for people: `7d`, `1h30m`, `45s`; below a second `0s`. */
export function durationText(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1_000)) * 1_000;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const amount = Math.floor(rest / milliseconds[unit]);
    rest -= amount * milliseconds[unit];
    if (amount > 0) parts.push(`${amount}${unit}`);
  }
  return parts.slice(0, 2).join('') || '0s';
}
