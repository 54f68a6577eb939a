/** The lab in the state every rehearsal and test begins with: both clusters on their legacy install, everything Ready, no run under way. */
import path from 'node:path';
import { execa } from 'execa';
import { listCheckpoints, raiseLab, readLab, restoreCheckpoint, saveCheckpoint, type Lab } from '../index.ts';

/** The name of that state. */
export const checkpoint = 'legacy';

/**
 * Raises the lab, or puts it back to how it was before anyone handed it over.
 * @param clusters of the fleet to raise; the checkpoint holds those of the first call. @default edge and main
 */
export async function legacyLab(clusters?: readonly string[]): Promise<Lab> {
  await raiseLab(clusters === undefined ? {} : { clusters });
  if ((await listCheckpoints()).includes(checkpoint)) {
    await endRuns(await readLab());
    await restoreCheckpoint(checkpoint);
  } else await saveCheckpoint(checkpoint);
  return readLab();
}

/** A run that was left behind, held or waiting, would speak of clusters that are no longer as it left them. */
export async function endRuns(lab: Lab): Promise<void> {
  const connection = ['--address', lab.temporal.address, '--namespace', lab.temporal.namespace];
  const terminate = [
    'workflow',
    'terminate',
    ...connection,
    '--query',
    'ExecutionStatus="Running"',
    '--reason',
    'the lab is put back',
    '--yes',
  ];
  await execa(path.join(lab.bin, 'temporal'), terminate, { reject: false, timeout: 30_000 });
}
