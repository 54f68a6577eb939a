/** Where a suite begins, kept, so that a way back that fails does not hide those after it. */
import { clusterOf, type Lab } from '../../lab/description.ts';
import { restoreCheckpoint, saveCheckpoint } from '../../lab/index.ts';
import { endRuns } from '../../lab/rehearsal/legacy-lab.ts';
import { eventually, Kubectl, unready } from '../lab/kubectl.ts';
import { type Before, lookBefore } from '../shapes/before.ts';

const checkpoint = 'ways-back';

/** Keeps edge as it is now. @returns what it is */
export async function keepStart(lab: Lab): Promise<Before> {
  await saveCheckpoint(checkpoint);
  return lookAtRest(lab);
}

/** Ends every run, and puts edge back to how it was kept, with the UIDs that it had. @returns what it is */
export async function backToStart(lab: Lab): Promise<Before> {
  await endRuns(lab);
  await restoreCheckpoint(checkpoint);
  return lookAtRest(lab);
}

async function lookAtRest(lab: Lab): Promise<Before> {
  const kubectl = new Kubectl(lab, clusterOf(lab, 'edge'));
  await eventually('everything Ready', 120, async () =>
    (await unready(kubectl)).length === 0 ? true : undefined,
  );
  return lookBefore(lab, kubectl);
}
