// Lets one command at a time change the lab of this checkout.

import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { labDirectory } from './description.ts';
import { processStartTime } from './process-marks.ts';

const lockFile = path.join(labDirectory, 'lock');

/**
 * Runs an action while no other process changes the lab. A lock whose holder died is taken over.
 * @throws Error that names the process that holds it.
 */
export async function exclusively<Outcome>(action: () => Promise<Outcome>): Promise<Outcome> {
  await acquire();
  try {
    return await action();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function acquire(): Promise<void> {
  await mkdir(labDirectory, { recursive: true });
  const own = `${process.pid} ${await processStartTime(process.pid)}`;
  for (;;) {
    try {
      const file = await open(lockFile, 'wx');
      await file.writeFile(own);
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', startTime] = (await readFile(lockFile, 'utf8').catch(() => '')).split(' ');
    if (pid !== '' && (await processStartTime(Number(pid))) === startTime) {
      throw new Error(
        `Process ${pid} is changing the lab of this checkout right now. Wait until it is done, or end it with "kill ${pid}".`,
      );
    }
    await rm(lockFile, { force: true });
  }
}
