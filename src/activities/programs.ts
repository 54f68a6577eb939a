/** Runs the command-line programs we rely on: cancellable, bounded in time, their output without secrets. */
import { execa } from 'execa';
import type { Redactor } from './redact.ts';

export interface ProgramResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  readonly program: string;
  /** The program is not installed. */
  readonly missing: boolean;

  constructor(program: string, message: string, missing = false) {
    super(message);
    this.program = program;
    this.missing = missing;
  }
}

export interface ProgramOptions {
  input?: string;
  /** Milliseconds; default one minute. */
  timeout?: number;
  environment?: Record<string, string>;
}

/** Runs a program; a bad exit code is returned, not thrown. @throws ProgramFailed when it is missing or takes too long */
export type Run = (program: string, args: string[], options?: ProgramOptions) => Promise<ProgramResult>;

export function programRunner(signal: AbortSignal, redact: Redactor): Run {
  // Go programs do not know NODE_EXTRA_CA_CERTS; beside the file they are given they still read the system's folder of certificates.
  const certificates = process.env['NODE_EXTRA_CA_CERTS'] ?? process.env['SSL_CERT_FILE'];
  return async (program, args, { input, timeout = 60_000, environment } = {}) => {
    signal.throwIfAborted();
    const result = await execa(program, args, {
      reject: false,
      timeout,
      cancelSignal: signal,
      forceKillAfterDelay: 2_000,
      maxBuffer: 64 * 1024 * 1024,
      stripFinalNewline: false,
      env: { LC_ALL: 'C.UTF-8', ...(certificates ? { SSL_CERT_FILE: certificates } : {}), ...environment },
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
    signal.throwIfAborted();
    const command = redact([program, ...args].join(' '));
    if (result.code === 'ENOENT')
      throw new ProgramFailed(program, `${program} is not installed (not found on PATH)`, true);
    if (result.timedOut)
      throw new ProgramFailed(program, `${command} gave no answer within ${timeout / 1_000} s`);
    return {
      exitCode: result.exitCode ?? -1,
      stdout: redact(result.stdout ?? ''),
      stderr: redact(result.stderr ?? ''),
    };
  };
}
