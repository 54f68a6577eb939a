/** The lab in the state every test begins with: both clusters on their legacy install, everything Ready. */
import { readLab, type Lab } from '../../lab/description.ts';
import { listCheckpoints, raiseLab, restoreCheckpoint, saveCheckpoint } from '../../lab/index.ts';

const checkpoint = 'legacy';

/** Raises the lab, or puts it back when a test has been at it. */
export async function legacyLab(): Promise<Lab> {
  if ((await listCheckpoints()).includes(checkpoint)) {
    await raiseLab();
    await restoreCheckpoint(checkpoint);
  } else {
    await raiseLab();
    await saveCheckpoint(checkpoint);
  }
  return readLab();
}
