/** One thing that doctor looks at, and how it is shown. */
import type { Terminal } from '../terminal.ts';
import { symbols, wrap } from '../render/words.ts';

export interface Checked {
  group: string;
  name: string;
  ok: boolean;
  /** Something that stands in nobody's way now: shown, but no finding. */
  optional?: boolean;
  /** What was found, in a few words. */
  detail: string;
  mend?: string | undefined;
}

/** Runs a look; whatever it throws is a finding. */
export async function check(
  group: string,
  name: string,
  look: () => Promise<{ detail: string }>,
  mend: (error: Error) => string,
): Promise<Checked> {
  try {
    return { group, name, ok: true, ...(await look()) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const { what, mend: own } = error as { what?: unknown; mend?: unknown };
    return {
      group,
      name,
      ok: false,
      detail: typeof what === 'string' ? what : (error.message.split('\n')[0] ?? ''),
      mend: typeof own === 'string' ? own : mend(error),
    };
  }
}

export function renderChecked(
  { name, ok, optional, detail, mend }: Checked,
  { paint, columns }: Pick<Terminal, 'paint' | 'columns'>,
): string {
  const symbol = ok ? symbols(paint).done : optional ? symbols(paint).warn : symbols(paint).bad;
  const line = `  ${symbol} ${name.padEnd(22)} ${wrap(detail, columns - 28, ' '.repeat(27))}`;
  return mend === undefined || ok
    ? line
    : `${line}\n      ${paint.dim('mend')} ${wrap(mend, columns - 12, ' '.repeat(11))}`;
}
