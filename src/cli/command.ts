/** What a command is: its words for people (read by --help and the reference) and where its work is loaded from. */
import type { ExitCode } from './outcome.ts';
import type { Terminal } from './terminal.ts';

/** What every command is called with. */
export interface Call<Options = object> {
  terminal: Terminal;
  /** Positional arguments; an omitted optional one is undefined. */
  words: (string | undefined)[];
  options: Options & { config: string; json?: boolean };
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

export type Run<Options = object> = (call: Call<Options>) => Promise<ExitCode>;

/** Flags as commander reads them, a sentence, and a default. */
export type OptionWords = [flags: string, meaning: string, initial?: string];

export interface CommandWords {
  /** Name and arguments as commander reads them, e.g. `approve <cluster> <gate>`. */
  usage: string;
  group: 'Plan' | 'Run' | 'Decide' | 'Look' | 'Serve';
  summary: string;
  /** A paragraph for `--help` and the reference. */
  description: string;
  options?: OptionWords[];
  /** Commands, ready to paste. */
  examples: string[];
  /** Loads the work. Lazy: the heavy modules hang behind it. */
  // Each command knows its own options; commander hands them over untyped.
  load: () => Promise<{ run: Run<never> }>;
}
