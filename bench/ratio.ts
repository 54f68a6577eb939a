/** Medians of measurements and the line that states a ratio and its goal. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function ratioLine(what: string, value: number, goal: number): string {
  return `${value <= goal ? 'ok  ' : 'MISS'} ${what}: ${Number.isInteger(value) ? value : value.toFixed(2)} (goal ≤ ${goal})`;
}
