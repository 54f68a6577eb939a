/** Runs git and turns what it says on failure into our own errors. */
import { statfs } from 'node:fs/promises';
import { execa } from 'execa';
import { GitFailed, GitForbidden, GitUnreachable, type RepositoryError } from './errors.ts';

export interface GitOptions {
  cwd: string;
  environment?: Record<string, string>;
  input?: string | Buffer;
  /** Milliseconds; default two minutes. */
  timeout?: number;
}

export interface GitOutcome {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** Runs git and never throws for a bad exit code. English messages, because they are read by `explain`. */
export async function tryGit(args: string[], options: GitOptions): Promise<GitOutcome> {
  const bytes = await runGit(args, options);
  return { ok: bytes.ok, stdout: bytes.stdout.toString('utf8').replace(/\n$/, ''), stderr: bytes.stderr };
}

/** As `tryGit`, with the output as bytes. */
export async function runGit(
  args: string[],
  options: GitOptions,
): Promise<{ ok: boolean; stdout: Buffer; stderr: string }> {
  const result = await execa('git', args, {
    cwd: options.cwd,
    env: { LC_ALL: 'C', ...options.environment },
    encoding: 'buffer',
    maxBuffer: 1024 ** 3,
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeout ?? 120_000,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  const stderr = Buffer.from(result.stderr ?? [])
    .toString('utf8')
    .trim();
  const said = stderr || (result.shortMessage ?? 'failed');
  return {
    ok: !result.failed,
    stdout: Buffer.from(result.stdout ?? []),
    stderr: result.timedOut
      ? 'fatal: timed out'
      : result.failed
        ? await withCause(said, options.cwd)
        : stderr,
  };
}

/** Git says of a ref that it could not be written, and not why (`write_ref_to_lockfile`): a full disk is told from here. */
async function withCause(stderr: string, folder: string): Promise<string> {
  if (!couldNotWrite(stderr)) return stderr;
  const disk = await statfs(folder).catch(() => null);
  // What git began to write it has taken away again; some file systems count no inodes.
  const full =
    disk !== null && (disk.bavail * disk.bsize < 64 * 1024 || (disk.files > 0 && disk.ffree === 0));
  return full ? `${stderr}\nNo space left on device: ${lastWords(stderr)}` : stderr;
}

/** Whether git could not write, and left it at that. */
export function couldNotWrite(stderr: string): boolean {
  return !namesFullDisk.test(stderr) && silentWrites.test(stderr);
}

const namesFullDisk = /no space left on device|out of diskspace/i;
const silentWrites =
  /could(n't| not) write|cannot (update|lock) ref|unable to (create|write)|failed to write/i;
const refusals =
  /Authentication failed|could not read (Username|Password)|returned error: 40[13]|HTTP 40[13]|Permission denied|access denied|not authorized|invalid credentials|Write access to repository not granted|Repository not found|terminal prompts disabled/i;
const silences =
  /Could not resolve host|unable to access|Failed to connect|Connection (refused|reset|timed out)|timed out|Could not connect|early EOF|RPC failed|remote end hung up|Network is unreachable|No route to host|returned error: 5\d\d|does not appear to be a git repository|Could not read from remote/i;

/** Why a command that speaks to the remote failed. */
export function explain(
  url: string,
  action: 'read' | 'push',
  command: string,
  stderr: string,
  tokenSource: string | null,
): RepositoryError {
  const detail = lastWords(stderr);
  if (refusals.test(stderr)) return new GitForbidden(safeUrl(url), detail, action, tokenSource);
  if (silences.test(stderr)) return new GitUnreachable(safeUrl(url), detail);
  return new GitFailed(command, detail);
}

/** The telling line of git's stderr, without anything between `//` and `@`. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const telling =
    // Git says why it could not write, and ends with what came of it.
    lines.find((line) => namesFullDisk.test(line)) ??
    lines.findLast((line) => /^(fatal|error|remote: (error|fatal))/i.test(line)) ??
    lines.at(-1) ??
    'no message';
  return safeUrl(telling);
}

/** A URL (or a text with one) without user name and password. */
export function safeUrl(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1');
}
