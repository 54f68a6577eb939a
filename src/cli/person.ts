/** The person at the terminal: who it is, and questions to them. */
import { userInfo } from 'node:os';
import { Interrupted, refuse } from './outcome.ts';
import type { Terminal } from './terminal.ts';

/** `--as`, else the user's login name. */
export function personName(given: string | undefined): string {
  if (given !== undefined) return given;
  try {
    return userInfo().username;
  } catch {
    // A container's user without an entry in passwd has no name.
    return process.env['USER'] ?? 'unknown';
  }
}

/**
 * True when the person agrees, or `yes` was given. Without a terminal nothing is taken for granted.
 * @throws Stopped when nobody can be asked, Interrupted on Ctrl-C or Escape
 */
export async function agrees(
  terminal: Terminal,
  message: string,
  { yes, mend }: { yes: boolean | undefined; mend: string },
): Promise<boolean> {
  if (yes === true) return true;
  if (!terminal.interactive)
    return refuse({
      what: `nobody is at the terminal to be asked: ${message}`,
      why: 'nothing is changed without a word',
      mend,
    });
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message, initialValue: false });
  if (isCancel(answer)) throw new Interrupted();
  return answer;
}
