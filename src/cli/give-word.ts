/** A person's word to one cluster: asked for, sent under their name, and followed until it is judged. */
import { randomUUID } from 'node:crypto';
import type { RunLink } from '../client/run-link.ts';
import type { Call } from './command.ts';
import { exitCode, type ExitCode } from './outcome.ts';
import { agrees, personName } from './person.ts';
import { sayVerdict } from './verdict.ts';

/** What every message of a person bears. */
export interface Word {
  requestId: string;
  approver: string;
  reason?: string;
}

export interface Question {
  message: string;
  /** Agreed to already. */
  yes: boolean | undefined;
  /** What to add where nobody can be asked. */
  mend: string;
}

/** @throws Stopped when nobody can be asked or no worker answers, Interrupted on Ctrl-C or Escape */
export async function giveWord(
  { terminal, options, signal }: Call<{ as?: string; reason?: string }>,
  { link, cluster, question: { message, yes, mend } }: { link: RunLink; cluster: string; question: Question },
  send: (word: Word) => Promise<void>,
): Promise<ExitCode> {
  if (!(await agrees(terminal, message, { yes, mend }))) {
    terminal.remark('nothing was sent');
    return exitCode.finding;
  }
  const requestId = randomUUID();
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  await send({ requestId, approver: personName(options.as), ...reason });
  return sayVerdict({ terminal, link, cluster, requestId, signal });
}
