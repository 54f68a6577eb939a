// Runs a program of the machine for the lab and reports its failure in words.

import { execa } from 'execa';

/** Where Debian keeps ip, iptables, nginx and runc: not on every root's PATH. */
const administratorPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The PATH that programs of the lab run with. */
export const programPath = [process.env['PATH'], administratorPath].filter(Boolean).join(':');

export interface CommandOptions {
  /** What the program reads from standard input. */
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Give back a failure instead of throwing it. */
  readonly mayFail?: boolean;
  /** After this many milliseconds the program is killed and has failed. */
  readonly timeout?: number;
}

export interface CommandResult {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 * @throws ExecaError with the program's own error text when it fails, unless `mayFail`.
 */
export async function run(
  command: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { failed, stdout, stderr } = await execa(command, parameters, {
    reject: options.mayFail !== true,
    env: { PATH: programPath, ...options.environment },
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  return { failed, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** Runs a program and gives its standard output. */
export async function read(
  command: string,
  parameters: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  return (await run(command, parameters, options)).stdout;
}
