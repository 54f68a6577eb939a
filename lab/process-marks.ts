// Finds and kills the processes of the lab by a mark in their environment, which what they start inherits.

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { labDirectory } from './description.ts';

const labMark = 'FLUX_HANDOVER_LAB';
const nameMark = 'FLUX_HANDOVER_LAB_PROCESS';

/** The variables that mark a program of the lab. */
export function markOf(name: string): Record<string, string> {
  return { [labMark]: labDirectory, [nameMark]: name };
}

/** Kills every process of this lab whose name is chosen, children of our programs included, until none is left. */
export async function killMarked(chosen: (name: string) => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const marked = (await markedProcesses()).filter((process) => chosen(process.name));
    if (marked.length === 0) return;
    for (const { pid } of marked) sendSignal(pid, 'SIGKILL');
    await pause(attempt === 0 ? 10 : 50);
  }
  throw new Error(
    'Processes of the lab survive SIGKILL (stuck in the kernel?); see "node lab/main.ts status".',
  );
}

/** All processes that carry this lab's mark in their environment: programs, and what they started. */
export async function markedProcesses(): Promise<{ pid: number; name: string }[]> {
  const found: { pid: number; name: string }[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // A process may end while we look, and a zombie has no environment any more.
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    const variables = environment.split('\0');
    if (!variables.includes(`${labMark}=${labDirectory}`)) continue;
    const name =
      variables.find((variable) => variable.startsWith(`${nameMark}=`))?.slice(nameMark.length + 1) ?? '';
    found.push({ pid: Number(entry), name });
  }
  return found;
}

export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Start time of a process in clock ticks after boot (proc(5), stat field 22); undefined for the dead and for zombies. */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in parentheses and may hold anything, so count from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
