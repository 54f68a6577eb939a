/** Waits until a message that was sent shows up in the audit list, accepted or refused, and says so. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEntry } from '../workflows/contract.ts';
import { exitCode, fail, type ExitCode } from './outcome.ts';
import { symbols } from './render/words.ts';
import type { RunLink } from '../client/run-link.ts';
import type { Terminal } from './terminal.ts';

/** A worker answers at once; one that has just come back needs a little. */
const patience = 30_000;

/** Where the audit list is kept that the word must show up in. */
type Read = () => Promise<AuditEntry[] | undefined>;

async function awaitVerdict(read: Read, requestId: string, signal: AbortSignal): Promise<AuditEntry> {
  const until = Date.now() + patience;
  for (;;) {
    const entry = (await read())?.find((each) => each.requestId === requestId);
    if (entry !== undefined) return entry;
    if (Date.now() > until)
      return fail({
        what: 'your word was sent, but no worker has answered yet',
        why: `it waits in the workflow as request ${requestId} and is judged as soon as a worker runs`,
        mend: 'flux-handover worker; then flux-handover status',
      });
    await pause(250, undefined, { signal });
  }
}

export interface Sent {
  terminal: Terminal;
  link: RunLink;
  cluster: string;
  requestId: string;
  signal: AbortSignal;
}

/** 0 when it was accepted, 1 when it was refused. */
export async function sayVerdict({ terminal, link, cluster, requestId, signal }: Sent): Promise<ExitCode> {
  const read = async (): Promise<AuditEntry[] | undefined> =>
    (await link.look()).clusters.find((each) => each.cluster === cluster)?.status?.audit;
  return say(terminal, await awaitVerdict(read, requestId, signal));
}

/** The same for a word to the fleet. */
export async function sayFleetVerdict({
  terminal,
  link,
  requestId,
  signal,
}: Omit<Sent, 'cluster'>): Promise<ExitCode> {
  return say(terminal, await awaitVerdict(() => link.fleetAudit(), requestId, signal));
}

function say(terminal: Terminal, entry: AuditEntry): ExitCode {
  const accepted = entry.verdict === 'accepted';
  if (terminal.json) terminal.printJson(entry);
  else
    terminal.print(
      `${accepted ? symbols(terminal.paint).done : symbols(terminal.paint).bad} ${entry.verdict}: ${entry.why}`,
    );
  return accepted ? exitCode.done : exitCode.finding;
}
