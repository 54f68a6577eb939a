// The lab's bridge on the host: claimed with the lab's number, removed with everything plugged into it.

import { read, run } from '../commands.ts';
import { bridgeAddress } from './addresses.ts';
import {
  bridgeAlias,
  candidateNumbers,
  holderOfNumber,
  identityWithNumber,
  readIdentity,
  writeIdentity,
  type LabIdentity,
} from './identity.ts';

/**
 * Claims a number for this lab and raises its bridge.
 * `moved` says that the number recorded earlier is taken by something else now: state that holds addresses
 * (certificates, etcd) is useless then and must be made anew.
 */
export async function claimNetwork(): Promise<{ identity: LabIdentity; moved: boolean }> {
  const recorded = await readIdentity();
  if (recorded !== undefined) {
    const holder = await holderOfNumber(recorded.number);
    if (holder === 'this lab' || (holder === 'nobody' && (await addBridge(recorded)))) {
      await configureBridge(recorded);
      return { identity: recorded, moved: false };
    }
  }
  for (const number of candidateNumbers()) {
    if ((await holderOfNumber(number)) === 'another') continue;
    const identity = identityWithNumber(number);
    // Written before the bridge exists, so that a crash right here leaves nothing that "down" would not find.
    await writeIdentity(identity);
    const held = (await holderOfNumber(number)) === 'this lab';
    if (!held && !(await addBridge(identity))) continue;
    await configureBridge(identity);
    return { identity, moved: recorded !== undefined };
  }
  throw new Error(
    'No subnet 10.X.0.0/16 is free for the lab: every X from 16 to 239 is in use. Lower another lab.',
  );
}

/** False when somebody else took the name between the look and the leap. */
async function addBridge(identity: LabIdentity): Promise<boolean> {
  const added = await run('ip', ['link', 'add', identity.id, 'type', 'bridge'], { mayFail: true });
  if (added.failed && !added.stderr.includes('File exists')) {
    throw new Error(
      `The bridge ${identity.id} can not be made: ${added.stderr}. The lab needs root and Linux bridges.`,
    );
  }
  if (added.failed) return false;
  await run('ip', ['link', 'set', 'dev', identity.id, 'alias', bridgeAlias]);
  return true;
}

async function configureBridge(identity: LabIdentity): Promise<void> {
  const address = bridgeAddress(identity);
  const current = await read('ip', ['-oneline', 'address', 'show', 'dev', identity.id]);
  if (!current.includes(`${address}/24`)) {
    await run('ip', ['address', 'add', `${address}/24`, 'dev', identity.id]);
  }
  await run('ip', ['link', 'set', 'dev', identity.id, 'up']);
}

/** Removes the bridge if it is this lab's. */
export async function removeBridge(identity: LabIdentity): Promise<void> {
  if ((await holderOfNumber(identity.number)) !== 'this lab') return;
  await run('ip', ['link', 'delete', 'dev', identity.id], { mayFail: true });
}
